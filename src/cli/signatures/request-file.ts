import { SIGNATURE_HEADER } from '../../signing/header.ts';
import { CliError } from '../terminal/errors.ts';

/** A request as somebody recorded it. */
export interface RecordedRequest {
  /** `null` when it has no signature. */
  signature: string | null;
  /** `null` when the recording holds none, as `curl -v`, which does not show what it sends. */
  body: Buffer | null;
}

/**
 * Reads a recorded request: raw HTTP (as `--dry-run` prints it), the output of `curl -v`, or a line of
 * `listen --json`.
 *
 * @throws CliError (exit 2) when it is none of these.
 */
export function readRecordedRequest(bytes: Buffer, name: string): RecordedRequest {
  const request = fromListenLine(bytes) ?? fromCurl(bytes) ?? fromRawHttp(bytes);
  if (request !== null) return request;
  throw new CliError(`${name}: no request is recognized in it`, {
    next: 'give raw HTTP (head, empty line, body), the output of curl -v, or a line of carvos listen --json',
  });
}

function fromListenLine(bytes: Buffer): RecordedRequest | null {
  if (bytes.toString('latin1').trimStart()[0] !== '{') return null;
  for (const line of bytes.toString('utf8').split('\n')) {
    const value = parse(line) as {
      type?: unknown;
      signature?: unknown;
      body?: { text?: unknown; encoding?: unknown };
    } | null;
    if (value?.type !== 'request' || typeof value.body?.text !== 'string') continue;
    return {
      signature: typeof value.signature === 'string' ? value.signature : null,
      body: Buffer.from(value.body.text, value.body.encoding === 'base64' ? 'base64' : 'utf8'),
    };
  }
  return null;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** `curl -v` writes what it sends as lines that begin with `> `. */
function fromCurl(bytes: Buffer): RecordedRequest | null {
  const sent = bytes
    .toString('latin1')
    .split(/\r?\n/)
    .filter((line) => /^> ?/.test(line))
    .map((line) => line.replace(/^> ?/, ''));
  if (!sent.some((line) => /^[A-Z]+ \S+ HTTP\/[0-9.]+$/.test(line))) return null;
  return { signature: findSignature(sent), body: null };
}

function fromRawHttp(bytes: Buffer): RecordedRequest | null {
  const text = bytes.toString('latin1');
  const gap = /\r?\n\r?\n/.exec(text);
  const head = text.slice(0, gap?.index).split(/\r?\n/);
  const isHead = (line: string) => /^[A-Z]+ \S+ HTTP\/[0-9.]+$/.test(line) || /^[A-Za-z0-9-]+:/.test(line);
  if (!head.every(isHead)) return null;
  const field = (name: string) =>
    head
      .find((line) => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim();
  let body = gap === null ? Buffer.alloc(0) : bytes.subarray(gap.index + gap[0].length);
  if (/chunked/i.test(field('transfer-encoding') ?? '')) body = unchunk(body) ?? body;
  const length = Number(field('content-length') ?? Number.NaN);
  // An editor adds a line break at the end, which was not sent.
  if (length < body.length && body.subarray(length).toString('latin1').trim() === '')
    body = body.subarray(0, length);
  return { signature: findSignature(head), body };
}

function findSignature(lines: readonly string[]): string | null {
  const prefix = `${SIGNATURE_HEADER.toLowerCase()}:`;
  const values = lines.filter((line) => line.toLowerCase().startsWith(prefix));
  return values.length === 0 ? null : values.map((line) => line.slice(prefix.length).trim()).join(', ');
}

/** The body of chunked transfer coding (RFC 9112, section 7.1); `null` when it is none. */
function unchunk(bytes: Buffer): Buffer | null {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = bytes.indexOf('\r\n', at);
    const size = end < 0 ? '' : bytes.toString('latin1', at, end).split(';')[0]!.trim();
    if (!/^[0-9a-f]{1,8}$/i.test(size)) return null;
    const length = Number.parseInt(size, 16);
    if (length === 0) return Buffer.concat(parts);
    parts.push(bytes.subarray(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
}
