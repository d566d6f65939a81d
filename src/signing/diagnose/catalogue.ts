import { CODE, type CodeLines } from './frameworks.ts';

export type Kind = 'secret' | 'body' | 'message' | 'digest' | 'time' | 'header';
type Side = 'sender' | 'receiver';

/**
 * What a mistake is about; what it means, for the documentation; what to change, whichever side it is or for each
 * side; and lines of code for sender and receiver, `null` where none would help.
 */
export type CatalogueEntry = [
  kind: Kind,
  meaning: string,
  fix: string | Record<Side, string>,
  lines: Record<Side, CodeLines> | null,
];

const both = (lines: CodeLines) => ({ sender: lines, receiver: lines });
const BODY_LINES = { sender: CODE.signWhatYouSend, receiver: CODE.rawBody };
const KEY_LINES = { sender: CODE.senderKey, receiver: CODE.key };
const TIME_LINES = { sender: CODE.seconds, receiver: CODE.message };
const RAW = {
  sender: 'Serialize once, sign those bytes, and send the same bytes.',
  receiver: 'Hash the raw bytes of the request, before any parser or middleware touches them.',
};

/** Every mistake that the diagnosis knows. */
// biome-ignore format: a table, a row a line
export const CATALOGUE = {
  other_direction: ['secret', 'The secret of the other direction was used.', { sender: 'Sign what you send to CarvOS with the incoming secret (CARVOS_INCOMING_SECRET).', receiver: 'Verify what CarvOS sends with the outgoing secret (CARVOS_OUTGOING_SECRET).',}, KEY_LINES],
  previous_secret: ['secret', 'A secret that was rotated away was used.', 'Give the program the new secret and start it again: it may have read the old one at its start.', null],
  secret_whitespace: ['secret', 'The secret has whitespace or a line break around it on one side.', 'Remove it where the secret is stored, or trim it when it is read. `echo` adds a line feed; `printf %s` does not.', null],
  secret_base64: ['secret', 'The secret was decoded from base64, or encoded, before it was used.', "Use the secret's text as it is, as UTF-8 bytes, even where it looks like base64.", KEY_LINES],
  secret_hex: ['secret', 'The secret was decoded from hex, or encoded, before it was used.', "Use the secret's text as it is, as UTF-8 bytes, even where it looks like hex.", KEY_LINES],
  secret_prefix: ['secret', 'The secret stands with `whsec_`, its name or JSON around it on one side and without it on the other.', 'Use the whole secret as it was given out, whsec_ included, and nothing else: no name, no =, and of the JSON of a secret store the value alone. Libraries for Standard Webhooks take whsec_ away: do not use them here.', KEY_LINES],
  secret_quoted: ['secret', 'The secret has quotes around it on one side, as from a `.env` file.', 'Take the quotes out of the file. docker --env-file and systemd do not remove them.', null],
  secret_cut: ['secret', 'The secret is not whole: cut off at a `#`, `$`, `=` or space, or without characters at one of its ends.', 'Copy the whole secret. Put it in single quotes where a shell or a .env parser reads it, and split NAME=VALUE only at the first =.', null],
  secret_escaped: ['secret', 'The secret was escaped or printed as a value on one side: HTML, percent, backslashes, `$`, a list. It says which.', 'Store the secret as it was given out: in single quotes for a shell, in a secret store rather than a form or a page. Escape nothing, decode nothing, and take the text itself, not the list or the object that holds it.', KEY_LINES],
  secret_case: ['secret', 'The letters of the secret are in another case.', 'Use the secret as it was given out: do not change its case where it is stored or read.', KEY_LINES],
  secret_charset: ['secret', 'The secret became other bytes than UTF-8.', 'Encode the secret as UTF-8.', KEY_LINES],
  secret_hashed: ['secret', 'The secret was hashed before it was used.', "Use the secret's text itself as the key. A fingerprint is only for comparing.", KEY_LINES],
  secret_placeholder: ['secret', 'The secret is empty, a placeholder, or the name of a variable that was not replaced.', 'Set the variable in the environment of the program itself, and make it stop at its start when it is missing.', KEY_LINES],
  body_reserialized: ['body', 'The JSON was written again: other spaces, order, escapes or numbers. It says which.', RAW, BODY_LINES],
  body_fields: ['body', 'A field of the JSON is missing or was added, or only a part of the JSON was hashed.', { sender: 'Add nothing to the body after it was signed, and sign all of it.', receiver: 'Hash the raw bytes of the request, not a part of what was parsed.',}, BODY_LINES],
  body_edited: ['body', 'The text of the body was tidied up: whitespace, quotes, backslashes or tags.', RAW, BODY_LINES],
  body_newline: ['body', 'A line break or whitespace was added to or removed from the ends of the body.', { sender: 'Sign the bytes that you send: no line break in one place only. With curl use --data-binary, not -d.', receiver: 'Do not trim the body and add nothing to it. With curl use --data-binary, not -d.',}, BODY_LINES],
  body_bom: ['body', 'A byte order mark was added or removed.', { sender: 'Write the body as UTF-8 without a byte order mark, and sign the bytes that you send.', receiver: RAW.receiver,}, BODY_LINES],
  body_crlf: ['body', 'Line ends were changed between LF and CR LF.', { sender: 'Open the file in binary mode, and sign the bytes that you send.', receiver: 'Read the body as bytes, not as lines or text.',}, BODY_LINES],
  body_charset: ['body', 'The body was decoded or encoded with another character set than UTF-8.', { sender: 'Encode the body as UTF-8 once, and sign and send those bytes.', receiver: 'Hash bytes, and do not turn the body into text before. Where text cannot be avoided, use UTF-8.',}, BODY_LINES],
  body_escaped: ['body', 'The body was escaped or decoded as HTML, percent-encoding or a form.', { sender: 'Sign the bytes that you send: no escaping in one place only.', receiver: 'Hash the raw bytes: no filter for HTML, no form parser, no URL decoding before.',}, BODY_LINES],
  body_empty: ['body', 'An empty body was hashed, usually because something had already consumed it.', { sender: 'Serialize the body before you sign it, and sign the bytes that you send.', receiver: 'Take the raw body before any parser or middleware reads the stream: it can be read only once.',}, BODY_LINES],
  body_double_encoded: ['body', 'The JSON was encoded a second time, as a JSON string.', { sender: 'What you have is JSON already: sign and send it without another JSON.stringify or json.dumps.', receiver: 'What you have is text already: do not call JSON.stringify or json.dumps on it. Better, hash the raw bytes.',}, BODY_LINES],
  body_gzip: ['body', 'One side hashed the compressed bytes, the other the decompressed ones.', { sender: 'Send the body uncompressed, and sign those bytes.', receiver: 'Hash the bytes as they came, before a middleware or proxy decompresses them.',}, BODY_LINES],
  body_bytes_repr: ['body', "Bytes were formatted into text, as Python's `b'…'` or JavaScript's list of numbers.", 'Join bytes with bytes. In Python write t.encode() + b"." + raw, not an f-string.', both(CODE.message)],
  body_base64: ['body', 'The body was hashed in base64 or hex, as AWS Lambda hands it over.', "Decode it first: where event.isBase64Encoded is true, use Buffer.from(event.body, 'base64').", null],
  truncated_body: ['body', 'Only the beginning of the body was hashed. It says up to which byte.', { sender: 'Sign the whole body: look for a buffer or a limit of that size.', receiver: 'Read the body to its end before you hash it, and raise the limit of the body parser: look for one of that size.',}, BODY_LINES],
  body_repeated: ['body', 'The body was hashed twice over.', 'Update the HMAC with the body once: look for a handler that runs for each chunk and at the end again.', BODY_LINES],
  body_digest: ['body', 'A hash of the body was signed in place of the body.', 'Hash the body itself, not a digest of it.', BODY_LINES],
  no_timestamp: ['message', 'Only the body was signed, without `t` and the dot.', 'Hash t as it stands in the header, a dot, and the raw body.', both(CODE.message)],
  separator: ['message', 'Something else than a dot stands between `t` and the body, or their order is another.', 'Hash t as it stands in the header, a dot, and the raw body, in this order.', both(CODE.message)],
  timestamp_milliseconds: ['message', '`t` is in milliseconds in one place and in seconds in another.', { sender: 'Use whole Unix seconds, taken once, both in the header and in what is hashed.', receiver: 'Hash t exactly as it stands in the header. Do not convert it.',}, TIME_LINES],
  timestamp_unit: ['message', '`t` is in microseconds, nanoseconds, a fraction or a date. It says which.', { sender: 'Use whole Unix seconds, taken once, both in the header and in what is hashed.', receiver: 'Hash t exactly as it stands in the header. Do not convert it.',}, TIME_LINES],
  timestamp_other: ['message', 'Another `t` was hashed than the one in the header.', { sender: 'Take the time once, and use it both in the header and in what is hashed.', receiver: 'Hash t exactly as it stands in the header, as text, not the present time.',}, TIME_LINES],
  digest_base64: ['digest', 'The digest is written as base64.', 'Write the digest as lower-case hex.', both(CODE.digest)],
  digest_uppercase: ['digest', 'The hex digits are in upper case or separated.', 'Write the digest as lower-case hex, without separators.', both(CODE.digest)],
  digest_prefix: ['digest', 'Something like `sha256=` stands before the digest.', 'Write only the 64 hex digits behind v1=.', both(CODE.digest)],
  algorithm: ['digest', 'Another hash than SHA-256 was used.', 'Use HMAC with SHA-256.', both(CODE.digest)],
  key_and_message_swapped: ['digest', 'Key and message were swapped.', 'The secret is the key, and t, a dot and the raw body are the data. Look at the order of the arguments.', both(CODE.digest)],
  not_hmac: ['digest', 'Something else than HMAC of the message: a plain hash, a hash of a hash, an empty HMAC. It says which.', 'Use HMAC-SHA256 with the secret as its key, over t, a dot and the raw body.', both(CODE.digest)],
  digest_sum: ['digest', "The message was given to Go's `Sum`, which appends and hashes nothing.", 'Write the message first: mac.Write(message), then hex.EncodeToString(mac.Sum(nil)).', both(CODE.digest)],
  truncated_signature: ['digest', 'Only the beginning of the signature is there.', 'Write and store all 64 hex digits: look for a column or a variable that is too short.', null],
  digest_zeros_lost: ['digest', 'Zeros were lost where the digest was written as a number, or byte by byte.', 'Write each byte as two hex digits: %02x, not %x; no BigInteger.', both(CODE.digest)],
  digest_written: ['digest', 'The digest is written in yet another way: encoded twice, as numbers, signed, as raw bytes. It says which.', 'Write the digest as 64 lower-case hex digits.', both(CODE.digest)],
  stale: ['time', 'The signature is right, but `t` is too old. It says what that looks like.', 'Sign anew at each attempt.', both(CODE.seconds)],
  future: ['time', 'The signature is right, but `t` lies in the future. It says what that looks like.', 'Set the clock of the machine that signs by NTP.', both(CODE.seconds)],
  malformed: ['header', 'The header cannot be read. It shows where.', 'Write t=, Unix seconds, a comma, v1= and 64 lower-case hex digits, with nothing else.', null],
  header_split: ['header', 'Something split the header at its comma: only one part is left.', 'Read the header as one string. Where a framework makes a list of it, join the parts with a comma again.', null],
  header_doubled: ['header', 'The header is there twice, or its value was doubled.', 'Send the header once: look for a proxy, an interceptor or a retry that adds it again.', null],
} satisfies Record<string, CatalogueEntry>;

/** A mistake that the diagnosis knows, as it stands in `--json`; {@link FINDINGS} says what each means. */
export type FindingCode = keyof typeof CATALOGUE;

/** Code and meaning of every finding, in the order of the catalogue. */
export const FINDINGS: readonly { code: FindingCode; meaning: string }[] = Object.entries(CATALOGUE).map(
  ([code, [, meaning]]) => ({ code: code as FindingCode, meaning }),
);
