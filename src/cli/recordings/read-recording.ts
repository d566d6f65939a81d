import { decodeText } from '../../files/decode-text.ts';
import { CliError } from '../terminal/errors.ts';
import { type Io, nameOf, readBody } from '../terminal/io.ts';
import { exchangesOfCurl } from './curl.ts';
import { type Exchange, exchangeOfListen, exchangesOfHar } from './exchange.ts';
import { asFields, type Fields, stringField } from './fields.ts';

/** What a file turned out to be. */
export type Recording =
  | { kind: 'traffic'; form: 'HAR' | 'curl -v' | 'listen --json'; exchanges: Exchange[] }
  | { kind: 'openapi'; document: Fields };

/** A parser of YAML takes a hundred times as much memory as its text. */
const MAX_YAML_BYTES = 2 * 1024 * 1024;

/**
 * Reads recorded traffic (HAR, `curl -v`, `listen --json`) or an OpenAPI document (JSON or YAML).
 *
 * @throws CliError (exit 2), with the line where there is one, for everything else.
 */
export async function readRecording(io: Io, source: string): Promise<Recording> {
  const name = nameOf(source);
  const bytes = await readBody(io, source);
  let text: string;
  try {
    text = decodeText(bytes);
  } catch (error) {
    throw new CliError(`${name}: ${(error as Error).message}`, { next: NEXT });
  }
  const recording = /^\s*\{/.test(text) ? readJson(text, name) : await readOther(text, bytes.length, name);
  if (recording !== null) return recording;
  throw new CliError(`${name}: nothing is recognized in it`, { next: NEXT });
}

const NEXT =
  'give a HAR file, the output of curl -v, lines of carvos listen --json, or an OpenAPI 3 document in JSON or YAML';

function readJson(text: string, name: string): Recording | null {
  const whole = parse(text);
  if (whole.ok) return recognize(asFields(whole.value), name);
  const lines = text.split('\n');
  const first = parse(lines[0]!);
  if (first.ok && asFields(first.value)?.type !== undefined) return readLines(lines, name);
  throw new CliError(`${name}: this is not valid JSON: ${whole.message}`, {
    where: `${name}:${whole.line}`,
    next: 'record it again: it may have been cut off',
  });
}

/** V8's own words: a parser that explains better takes gigabytes for a recording of this size. */
function parse(text: string): { ok: true; value: unknown } | { ok: false; message: string; line: number } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    const { message } = error as Error;
    const at = Number(/at position ([0-9]+)/.exec(message)?.[1] ?? text.length);
    const line = text.slice(0, at).split('\n').length;
    return {
      ok: false,
      message: at === text.length ? 'it ends too early' : 'something else is expected here',
      line,
    };
  }
}

function recognize(value: Fields | null, name: string): Recording | null {
  if (value === null) return null;
  if (typeof value.openapi === 'string') return { kind: 'openapi', document: value };
  if (value.swagger !== undefined)
    throw new CliError(`${name}: this is Swagger ${String(value.swagger)}`, {
      next: 'convert it to OpenAPI 3',
    });
  const entries = exchangesOfHar(value);
  if (entries?.length === 0) throw new CliError(`${name}: there is no request in it`, { next: NEXT });
  if (entries !== null) return { kind: 'traffic', form: 'HAR', exchanges: entries };
  const request = exchangeOfListen(value, 'line 1');
  return request && { kind: 'traffic', form: 'listen --json', exchanges: [request] };
}

function readLines(lines: readonly string[], name: string): Recording {
  const exchanges = lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    const parsed = parse(line);
    if (parsed.ok) return exchangeOfListen(asFields(parsed.value) ?? {}, `line ${index + 1}`) ?? [];
    throw new CliError(`${name}: this line is not valid JSON`, {
      where: `${name}:${index + 1}`,
      next: 'record it again: it may have been cut off',
    });
  });
  return { kind: 'traffic', form: 'listen --json', exchanges };
}

async function readOther(text: string, bytes: number, name: string): Promise<Recording | null> {
  const exchanges = exchangesOfCurl(text);
  if (exchanges.length > 0) return { kind: 'traffic', form: 'curl -v', exchanges };
  if (!/^["']?openapi["']?\s*:/m.test(text)) return null;
  if (bytes > MAX_YAML_BYTES)
    throw new CliError(`${name}: a document in YAML may have ${MAX_YAML_BYTES / 1024 / 1024} MiB`, {
      next: 'convert it to JSON',
    });
  const { readYaml } = await import('./read-yaml.ts');
  const document = asFields(readYaml(text, name));
  return stringField(document, 'openapi') === null ? null : { kind: 'openapi', document: document! };
}
