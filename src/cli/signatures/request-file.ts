import { findMisnamedSignature } from '../../signing/misnamed-header.ts';
import { exchangesOfCurl } from '../recordings/curl.ts';
import { CliError } from '../terminal/errors.ts';
import { fromJson, LOGGED, type RecordedRequest, signed } from './request-json.ts';
import { fromLog } from './request-log.ts';
import { fromRawHttp } from './request-raw.ts';

/**
 * Reads a recorded request as tools write it: raw HTTP (as `--dry-run` prints it), the output of `curl -v`, a line of
 * `listen --json`, a HAR file, an event of Lambda or API Gateway, or a line of a log with the signature in it.
 *
 * @throws CliError (exit 2) when it is none of these.
 */
export function readRecordedRequest(bytes: Buffer, name: string): RecordedRequest {
  const request = recognize(bytes);
  if (request !== null) return request;
  throw new CliError(`${name}: no request is recognized in it`, {
    next: 'give raw HTTP (head, empty line, body), the output of curl -v or --trace, a line of carvos listen --json, a HAR file, an event of AWS Lambda, or the line of a log that has the signature',
  });
}

/** How many different ones a file has. */
export function countSignatures(bytes: Buffer): number {
  return new Set(bytes.toString('latin1').match(new RegExp(LOGGED, 'g'))).size;
}

/** What stands in the place of a signature's header that is missing, in words; `null` where nothing does. */
export function findMisnamed(bytes: Buffer): string | null {
  const [head = ''] = bytes.toString('latin1').split(/\n(?:> )?\r?\n/);
  const fields = head.matchAll(/^(?:> )?([A-Za-z0-9_-]{1,64}): *(.*?)\r?$/gm);
  return findMisnamedSignature([...fields].flatMap(([, name = '', value = '']) => [name, value]));
}

function recognize(bytes: Buffer): RecordedRequest | null {
  const text = bytes.toString('utf8');
  const inJson = fromJson(text, recognize);
  if (inJson !== null) return inJson;
  const [sent] = exchangesOfCurl(bytes.toString('latin1')).map(signed);
  const trace = sent === undefined ? fromTrace(text) : null;
  const request = sent ?? fromRawHttp(trace ?? bytes);
  // A time at the beginning of a line looks like the name of a header.
  if (!request?.signature) return fromLog(text) ?? request;
  if (request.body !== null || trace !== null) return request;
  // The command or the log around it may have the body. What was answered is none.
  const [before = ''] = text.split(/^(?:< |---response begin)/m);
  const { body = null, others = [] } = fromLog(before) ?? {};
  return { ...request, body, others };
}

/** What `curl --trace` sent; of `--trace-ascii` the head alone, as its body has dots in it; `null` where it is neither. */
function fromTrace(text: string): Buffer | null {
  const sent = text.matchAll(/^(?:[0-9:.]+ )?=> Send (?:header|data), .*\n((?:[0-9a-f]{4,}: .*(?:\n|$))*)/gm);
  const parts = [...sent].map(([, lines = '']) => lines.replace(/\r?\n$/, '').split(/\r?\n/));
  const hex = parts.flat().map((row) => /^[0-9a-f]+: ((?:[0-9a-f]{2} ){1,16})/.exec(row)?.[1] ?? '');
  if (hex[0]) return Buffer.from(hex.join('').replaceAll(' ', ''), 'hex');
  // A longer line of the head goes on in the next row.
  const head = parts[0]
    ?.map((row) => row.slice(row.indexOf(': ') + 2))
    .map((row) => (row.length === 64 ? row : `${row}\r\n`));
  return head === undefined ? null : Buffer.from(head.join(''));
}
