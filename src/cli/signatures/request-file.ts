import { SIGNATURE_HEADER } from '../../signing/header.ts';
import { exchangesOfCurl } from '../recordings/curl.ts';
import { CliError } from '../terminal/errors.ts';
import { fromJson, type RecordedRequest, signed } from './request-json.ts';

/**
 * Reads a recorded request: raw HTTP (as `--dry-run` prints it), the output of `curl -v`, a line of
 * `listen --json`, a HAR file, an event of Lambda or API Gateway, or a line of a log with the signature in it.
 *
 * @throws CliError (exit 2) when it is none of these.
 */
export function readRecordedRequest(bytes: Buffer, name: string): RecordedRequest {
  const [sent] = exchangesOfCurl(bytes.toString('latin1')).map(signed);
  const request = fromJson(bytes.toString('utf8')) ?? sent ?? fromRawHttp(bytes) ?? fromLog(bytes);
  if (request !== null) return request;
  throw new CliError(`${name}: no request is recognized in it`, {
    next: 'give raw HTTP (head, empty line, body), the output of curl -v, a line of carvos listen --json, a HAR file, an event of AWS Lambda, or the line of a log that has the signature',
  });
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

const LOGGED = /t=[0-9]{9,19}\s*,\s*v1=[0-9A-Za-z+/=_-]{16,128}/;

/**
 * A line of nginx, Express or another log: the signature wherever it stands, and the body if one follows in
 * JSON. nginx writes what is not printable as \\xHH; a log may also have the body as a string in quotes.
 */
function fromLog(bytes: Buffer): RecordedRequest | null {
  const text = bytes.toString('utf8');
  const signature = LOGGED.exec(text)?.[0];
  if (signature === undefined) return null;
  const rest = text.replace(signature, '');
  for (const candidate of bodiesIn(rest)) {
    const plain = parses(candidate);
    if (plain) return { signature, body: Buffer.from(candidate) };
    const unescaped = candidate.replace(/((?:\\x[0-9A-F]{2})+)/gi, (run) =>
      Buffer.from(run.replaceAll('\\x', ''), 'hex').toString(),
    );
    const inner = unescaped.replace(/\\(["\\])/g, '$1');
    for (const text of [unescaped, inner]) if (parses(text)) return { signature, body: Buffer.from(text) };
  }
  return { signature, body: null };
}

/** From each first brace to the last one: what may be a body. */
function bodiesIn(text: string): string[] {
  const decoded = text.replaceAll('\\x7B', '{').replaceAll('\\x7D', '}').replaceAll('\\x22', '"');
  return [text, decoded].flatMap((one) => {
    const end = one.lastIndexOf('}') + 1;
    const starts = [...one.matchAll(/\{/g)].slice(0, 20).map((match) => match.index);
    return starts.filter((start) => start < end).map((start) => one.slice(start, end));
  });
}

function parses(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
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
