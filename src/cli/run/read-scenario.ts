import { basename } from 'node:path';
import { type Document, isMap, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { isRecord } from '../../contract/is-record.ts';
import { checkValue } from '../../contract/problems.ts';
import { kindOf, type ScenarioFile, type ScenarioStep, STEP_KINDS, STEPS } from '../../contract/scenario.ts';
import { decodeText } from '../../files/decode-text.ts';
import { CliError, didYouMean } from '../terminal/errors.ts';
import { type Io, readBody } from '../terminal/io.ts';
import { validateExpected } from './validate-expected.ts';
import { checkVariables } from './variables.ts';

/** Largest file that is read, in bytes. */
const MAX_BYTES = 256 * 1024;
/** Aliases that may be followed: more would be a bomb. */
const MAX_ALIASES = 50;
const TOP = ['$schema', 'name', 'vars', 'steps'];

/**
 * Reads a scenario, YAML or JSON.
 *
 * @throws CliError (exit 2) with line and column: nothing was sent then.
 */
export async function readScenario(io: Io, file: string): Promise<ScenarioFile> {
  return parseScenario(file, await readBody(io, file), io.env);
}

/** @throws CliError as `readScenario`. */
export function parseScenario(
  file: string,
  bytes: Buffer,
  env: Readonly<Record<string, string | undefined>> = {},
): ScenarioFile {
  const fail = (message: string, place: string, next?: string): never => {
    throw new CliError(message, { where: `${file}${place}`, next });
  };
  if (bytes.length > MAX_BYTES)
    fail(`a scenario has at most ${MAX_BYTES / 1024} KiB, this file has more`, placeAfter(bytes, MAX_BYTES));
  const text = decode(bytes) ?? fail('this is no text in UTF-8', placeAfter(bytes, countText(bytes)));
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  const placeAt = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `:${line}:${col}`;
  };
  const [problem] = document.errors;
  if (problem) fail(problem.message, placeAt(problem.pos[0]));
  const circle = offsetOfCircle(document);
  if (circle !== null) fail('an alias stands inside what it stands for', placeAt(circle));
  const placeOf = (path: readonly (string | number)[]) => placeAt(offsetOf(document, path));
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    return fail((error as Error).message, placeAt(offsetOfBomb(document)));
  }
  if (!isMap(document.contents) || typeof value !== 'object' || value === null)
    return fail('a scenario is an object with steps', ':1:1');
  const { name, vars = {}, steps } = value as Record<string, unknown>;
  for (const key of Object.keys(value)) {
    if (!TOP.includes(key)) fail(`there is no key ${key}.${didYouMean(key, TOP)}`, placeOf([key]));
  }
  if (name !== undefined && typeof name !== 'string') fail('name must be text', placeOf(['name']));
  if (!isRecord(vars)) return fail('vars must be an object', placeOf(['vars']));
  if (!Array.isArray(steps) || steps.length === 0)
    return fail('steps must be a list of at least one step', placeOf(['steps']));
  const read = steps.map((one: unknown, index): ScenarioStep => {
    const path = ['steps', index];
    const line = lines.linePos(offsetOf(document, path)).line;
    if (!isRecord(one)) return fail('a step is an object', placeOf(path));
    const kind = kindOf(one);
    if (kind === null) {
      const first = Object.keys(one)[0] ?? '';
      return fail(
        `there is no step ${first}.${didYouMean(first, STEP_KINDS)}`,
        placeOf(path),
        `the steps are ${STEP_KINDS.join(', ')}`,
      );
    }
    const checked = checkValue(STEPS[kind], one, 'step');
    if (!checked.ok) {
      const [wrong] = checked.problems;
      const at = wrong!.loc.slice(1);
      const known = Object.keys(STEPS[kind].shape);
      if (wrong!.type === 'extra_forbidden' && at.length === 1)
        fail(
          `a step ${kind} has no ${at[0]}.${didYouMean(String(at[0]), known)}`,
          placeOf([...path, ...at]),
          `what it has is ${known.join(', ')}`,
        );
      fail(`${kind}: ${at.join('.')}${at.length > 0 ? ': ' : ''}${wrong!.msg}`, placeOf([...path, ...at]));
    }
    return { kind, value: one, line };
  });
  const scenario = {
    file,
    name: name === undefined ? basename(file) : String(name),
    vars,
    steps: read,
  };
  checkVariables(scenario, env, (path, message) => fail(message, placeOf(path)));
  validateExpected(scenario.steps, (path, message, next) => fail(message, placeOf(path), next));
  return scenario;
}

/** `null` for what is no text. */
function decode(bytes: Buffer): string | null {
  try {
    return decodeText(bytes);
  } catch {
    return null;
  }
}

/** Line and column of what comes after so many bytes. */
function placeAfter(bytes: Buffer, count: number): string {
  const lines = bytes.subarray(0, count).toString('utf8').split('\n');
  return `:${lines.length}:${lines.at(-1)!.length + 1}`;
}

function countText(bytes: Buffer): number {
  const again = Buffer.from(bytes.toString('utf8'));
  const differs = bytes.findIndex((byte, index) => byte === 0 || byte !== again[index]);
  return Math.max(0, differs);
}

/** An alias of what it stands in, which would have no end. */
function offsetOfCircle(document: Document): number | null {
  let found: number | null = null;
  visit(document, {
    Alias(_key, alias, path) {
      const meant = alias.resolve(document);
      if (meant === undefined || !path.includes(meant)) return undefined;
      found = alias.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return found;
}

/** The first alias that grows beyond bounds. */
function offsetOfBomb(document: Document): number {
  let found = 0;
  visit(document, {
    Alias(_key, alias) {
      try {
        alias.toJS(document, { maxAliasCount: MAX_ALIASES });
        return undefined;
      } catch {
        found = alias.range?.[0] ?? 0;
        return visit.BREAK;
      }
    },
  });
  return found;
}

/** Where a path, or the nearest thing around it, begins. */
function offsetOf(document: Document, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => String(key) === String(path[length - 1]));
      const range = (pair?.key as Node | undefined)?.range;
      if (range) return range[0];
    }
    const node = document.getIn(path.slice(0, length), true) as Node | undefined;
    if (node?.range) return node.range[0];
  }
  return 0;
}
