import { SIGNATURE_HEADER } from '../../signing/header.ts';
import { isJsonText } from '../recordings/fields.ts';
import type { RecordedRequest } from './request-json.ts';

const REQUEST_LINE = /[A-Z]{3,7} \S+ HTTP\/[0-9.]+[ \t]*\r?\n/g;
const SIGNED = new RegExp(`^${SIGNATURE_HEADER}:`, 'im');
const GAP = /\r?\n[ \t]*\r?\n/;
/** What stands behind a body where more was recorded: an answer, or the next request of a `.http` file. */
const BEHIND = /\r?\n\s{0,8}(?:HTTP\/[0-9.]+ [0-9]{3}\b|### |---)/;
/** The largest head that servers take. */
const LONGEST_HEAD = 64 * 1024;

/** A request as it travels: a head, an empty line and a body; alone, or within what a tool printed of it. */
export function fromRawHttp(bytes: Buffer): RecordedRequest | null {
  const text = bytes.toString('latin1');
  const alone = readFrom(bytes, text, 0);
  if (alone?.signature) return alone;
  const at = text.search(SIGNED);
  const from = Math.max(0, at - LONGEST_HEAD);
  const line = [...text.slice(from, Math.max(0, at)).matchAll(REQUEST_LINE)].at(-1);
  const within = line === undefined ? null : readFrom(bytes, text, from + line.index);
  if (within === null) return alone;
  // What follows may be another thing that the tool prints.
  return within.body !== null && isJsonText(within.body.toString()) ? within : { ...within, body: null };
}

function readFrom(bytes: Buffer, text: string, start: number): RecordedRequest | null {
  const gap = GAP.exec(text.slice(start));
  const head = text.slice(start, gap === null ? undefined : start + gap.index).split(/\r?\n/);
  const isHead = (line: string) => /^[A-Z]+ \S+ HTTP\/[0-9.]+\s*$/.test(line) || /^[A-Za-z0-9-]+:/.test(line);
  if (!head.every(isHead)) return null;
  const signature = findSignature(head);
  if (gap === null) return { signature, body: start === 0 ? Buffer.alloc(0) : null };
  const field = (name: string) =>
    head
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  const rest = bytes.subarray(start + gap.index + gap[0].length);
  const chunks = /chunked/i.test(field('transfer-encoding') ?? '') ? unchunk(rest) : null;
  if (chunks !== null) return { signature, body: chunks };
  const length = Number(field('content-length') ?? Number.NaN);
  if (length > 0 && isBlank(rest)) return { signature, body: null };
  const sent = rest.subarray(0, length);
  // An editor adds a line break at the end, and a tool the answer: they were not sent.
  if (length < rest.length && (isBlank(rest.subarray(length)) || isJsonText(sent.toString())))
    return { signature, body: sent };
  const body = rest.subarray(0, BEHIND.exec(rest.toString('latin1'))?.index);
  const lineBreak = /\r?\n$/.exec(body.toString('latin1', body.length - 2));
  // Without a length only the signature can tell whether the line break was sent, or all of them.
  const ends = lineBreak ? [-lineBreak[0].length, body.toString('latin1').trimEnd().length] : [];
  const others = Number.isNaN(length) ? ends.map((end) => body.subarray(0, end)) : [];
  return { signature, body, others };
}

const isBlank = (bytes: Buffer) => bytes.toString('latin1').trim() === '';

function findSignature(lines: readonly string[]): string | null {
  const prefix = `${SIGNATURE_HEADER.toLowerCase()}:`;
  const values = lines.filter((line) => line.toLowerCase().startsWith(prefix));
  return values.length === 0 ? null : values.map((line) => line.slice(prefix.length).trim()).join(', ');
}

/** The body of chunked transfer coding (RFC 9112, section 7.1), its line ends as some tool left them; `null` when it is none. */
function unchunk(bytes: Buffer): Buffer | null {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf('\n', at);
    const size = end < 0 ? '' : bytes.toString('latin1', at, end).split(';')[0]!.trim();
    if (!/^[0-9a-f]{1,8}$/i.test(size)) return null;
    const length = Number.parseInt(size, 16);
    if (length === 0) return Buffer.concat(parts);
    parts.push(bytes.subarray(end + 1, end + 1 + length));
    at = bytes.indexOf('\n', end + 1 + length) + 1 || bytes.length;
  }
}
