import {
  type CodeLines,
  DIGEST,
  KEY,
  MESSAGE,
  RAW_BODY,
  SECONDS,
  SENDER_KEY,
  SIGN_WHAT_YOU_SEND,
} from './frameworks.ts';

export type Kind = 'secret' | 'body' | 'message' | 'digest' | 'time' | 'header';

export interface CatalogueEntry {
  kind: Kind;
  /** For the documentation. */
  meaning: string;
  /** What to change, whichever side it is; or for each side. */
  fix: string | { sender: string; receiver: string };
  /** Lines of code for sender and receiver; `null` where none would help. */
  lines: { sender: CodeLines; receiver: CodeLines } | null;
}

const BODY_LINES = { sender: SIGN_WHAT_YOU_SEND, receiver: RAW_BODY };
const KEY_LINES = { sender: SENDER_KEY, receiver: KEY };
const both = (lines: CodeLines) => ({ sender: lines, receiver: lines });

const RAW = {
  sender: 'Serialize once, sign those bytes, and send the same bytes.',
  receiver: 'Hash the raw bytes of the request, before any parser or middleware touches them.',
};

/** Every mistake that the diagnosis knows. */
export const CATALOGUE = {
  other_direction: {
    kind: 'secret',
    meaning: 'The secret of the other direction was used.',
    fix: {
      sender: 'Sign what you send to CarvOS with the incoming secret (CARVOS_INCOMING_SECRET).',
      receiver: 'Verify what CarvOS sends with the outgoing secret (CARVOS_OUTGOING_SECRET).',
    },
    lines: KEY_LINES,
  },
  previous_secret: {
    kind: 'secret',
    meaning: 'A secret that was rotated away was used.',
    fix: 'Give the program the new secret and start it again: it may have read the old one at its start.',
    lines: null,
  },
  secret_whitespace: {
    kind: 'secret',
    meaning: 'The secret has whitespace or a line break around it on one side.',
    fix: 'Remove it where the secret is stored, or trim it when it is read. `echo` adds a line feed; `printf %s` does not.',
    lines: null,
  },
  secret_base64: {
    kind: 'secret',
    meaning: 'The secret was decoded from base64, or encoded, before it was used.',
    fix: "Use the secret's text as it is, as UTF-8 bytes, even where it looks like base64.",
    lines: KEY_LINES,
  },
  secret_hex: {
    kind: 'secret',
    meaning: 'The secret was decoded from hex, or encoded, before it was used.',
    fix: "Use the secret's text as it is, as UTF-8 bytes, even where it looks like hex.",
    lines: KEY_LINES,
  },
  secret_prefix: {
    kind: 'secret',
    meaning: 'The secret stands with `whsec_` on one side and without it on the other.',
    fix: 'Use the whole secret as it was given out, prefix included. Libraries for Standard Webhooks take the prefix away: do not use them here.',
    lines: KEY_LINES,
  },
  secret_quoted: {
    kind: 'secret',
    meaning: 'The secret has quotes around it on one side, as from a `.env` file.',
    fix: 'Take the quotes out of the file. docker --env-file and systemd do not remove them.',
    lines: null,
  },
  secret_cut: {
    kind: 'secret',
    meaning: 'The secret was cut off at a `#`, `$`, `=` or space.',
    fix: 'Put the secret in single quotes where a shell or a .env parser reads it, and split NAME=VALUE only at the first =.',
    lines: null,
  },
  secret_placeholder: {
    kind: 'secret',
    meaning: 'The secret is empty, a placeholder, or the name of a variable that was not replaced.',
    fix: 'Set the variable in the environment of the program itself, and make it stop at its start when it is missing.',
    lines: KEY_LINES,
  },
  body_reserialized: {
    kind: 'body',
    meaning: 'The JSON was written again: other spaces, order, escapes or numbers. It says which.',
    fix: RAW,
    lines: BODY_LINES,
  },
  body_newline: {
    kind: 'body',
    meaning: 'A line break or whitespace was added to or removed from the ends of the body.',
    fix: {
      sender:
        'Sign the bytes that you send: no line break in one place only. With curl use --data-binary, not -d.',
      receiver: 'Do not trim the body and add nothing to it. With curl use --data-binary, not -d.',
    },
    lines: BODY_LINES,
  },
  body_bom: {
    kind: 'body',
    meaning: 'A byte order mark was added or removed.',
    fix: {
      sender: 'Write the body as UTF-8 without a byte order mark, and sign the bytes that you send.',
      receiver: RAW.receiver,
    },
    lines: BODY_LINES,
  },
  body_crlf: {
    kind: 'body',
    meaning: 'Line ends were changed between LF and CR LF.',
    fix: {
      sender: 'Open the file in binary mode, and sign the bytes that you send.',
      receiver: 'Read the body as bytes, not as lines or text.',
    },
    lines: BODY_LINES,
  },
  body_charset: {
    kind: 'body',
    meaning: 'The body was decoded or encoded with another character set than UTF-8.',
    fix: {
      sender: 'Encode the body as UTF-8 once, and sign and send those bytes.',
      receiver:
        'Hash bytes, and do not turn the body into text before. Where text cannot be avoided, use UTF-8.',
    },
    lines: BODY_LINES,
  },
  body_empty: {
    kind: 'body',
    meaning: 'An empty body was hashed, usually because something had already consumed it.',
    fix: {
      sender: 'Serialize the body before you sign it, and sign the bytes that you send.',
      receiver:
        'Take the raw body before any parser or middleware reads the stream: it can be read only once.',
    },
    lines: BODY_LINES,
  },
  body_double_encoded: {
    kind: 'body',
    meaning: 'The JSON was encoded a second time, as a JSON string.',
    fix: {
      sender: 'What you have is JSON already: sign and send it without another JSON.stringify or json.dumps.',
      receiver:
        'What you have is text already: do not call JSON.stringify or json.dumps on it. Better, hash the raw bytes.',
    },
    lines: BODY_LINES,
  },
  body_gzip: {
    kind: 'body',
    meaning: 'One side hashed the compressed bytes, the other the decompressed ones.',
    fix: {
      sender: 'Send the body uncompressed, and sign those bytes.',
      receiver: 'Hash the bytes as they came, before a middleware or proxy decompresses them.',
    },
    lines: BODY_LINES,
  },
  body_bytes_repr: {
    kind: 'body',
    meaning: "Bytes were formatted into text, as Python's `b'…'` or JavaScript's list of numbers.",
    fix: 'Join bytes with bytes. In Python write t.encode() + b"." + raw, not an f-string.',
    lines: both(MESSAGE),
  },
  body_base64: {
    kind: 'body',
    meaning: 'The body was hashed in base64 or hex, as AWS Lambda hands it over.',
    fix: "Decode it first: where event.isBase64Encoded is true, use Buffer.from(event.body, 'base64').",
    lines: null,
  },
  truncated_body: {
    kind: 'body',
    meaning: 'Only the beginning of the body was hashed. It says up to which byte.',
    fix: {
      sender: 'Sign the whole body: look for a buffer or a limit of that size.',
      receiver:
        'Read the body to its end before you hash it, and raise the limit of the body parser: look for one of that size.',
    },
    lines: BODY_LINES,
  },
  no_timestamp: {
    kind: 'message',
    meaning: 'Only the body was signed, without `t` and the dot.',
    fix: 'Hash t as it stands in the header, a dot, and the raw body.',
    lines: both(MESSAGE),
  },
  separator: {
    kind: 'message',
    meaning: 'Something else than a dot stands between `t` and the body, or their order is another.',
    fix: 'Hash t as it stands in the header, a dot, and the raw body, in this order.',
    lines: both(MESSAGE),
  },
  timestamp_milliseconds: {
    kind: 'message',
    meaning: '`t` is in milliseconds in one place and in seconds in another.',
    fix: {
      sender: 'Use whole Unix seconds, taken once, both in the header and in what is hashed.',
      receiver: 'Hash t exactly as it stands in the header. Do not convert it.',
    },
    lines: { sender: SECONDS, receiver: MESSAGE },
  },
  timestamp_other: {
    kind: 'message',
    meaning: 'Another `t` was hashed than the one in the header.',
    fix: {
      sender: 'Take the time once, and use it both in the header and in what is hashed.',
      receiver: 'Hash t exactly as it stands in the header, as text, not the present time.',
    },
    lines: { sender: SECONDS, receiver: MESSAGE },
  },
  digest_base64: {
    kind: 'digest',
    meaning: 'The digest is written as base64.',
    fix: 'Write the digest as lower-case hex.',
    lines: both(DIGEST),
  },
  digest_uppercase: {
    kind: 'digest',
    meaning: 'The hex digits are in upper case or separated.',
    fix: 'Write the digest as lower-case hex, without separators.',
    lines: both(DIGEST),
  },
  digest_prefix: {
    kind: 'digest',
    meaning: 'Something like `sha256=` stands before the digest.',
    fix: 'Write only the 64 hex digits behind v1=.',
    lines: both(DIGEST),
  },
  algorithm: {
    kind: 'digest',
    meaning: 'Another hash than SHA-256 was used.',
    fix: 'Use HMAC with SHA-256.',
    lines: both(DIGEST),
  },
  truncated_signature: {
    kind: 'digest',
    meaning: 'Only the beginning of the signature is there.',
    fix: 'Write and store all 64 hex digits: look for a column or a variable that is too short.',
    lines: null,
  },
  stale: {
    kind: 'time',
    meaning: 'The signature is right, but `t` is too old. It says what that looks like.',
    fix: 'Sign anew at each attempt.',
    lines: both(SECONDS),
  },
  future: {
    kind: 'time',
    meaning: 'The signature is right, but `t` lies in the future. It says what that looks like.',
    fix: 'Set the clock of the machine that signs by NTP.',
    lines: both(SECONDS),
  },
  malformed: {
    kind: 'header',
    meaning: 'The header cannot be read. It shows where.',
    fix: 'Write t=, Unix seconds, a comma, v1= and 64 lower-case hex digits, with nothing else.',
    lines: null,
  },
} as const satisfies Record<string, CatalogueEntry>;

/** A mistake that the diagnosis knows, as it stands in `--json`; {@link FINDINGS} says what each means. */
export type FindingCode = keyof typeof CATALOGUE;

/** Code and meaning of every finding, in the order of the catalogue. */
export const FINDINGS: readonly { code: FindingCode; meaning: string }[] = Object.entries(CATALOGUE).map(
  ([code, { meaning }]) => ({ code: code as FindingCode, meaning }),
);
