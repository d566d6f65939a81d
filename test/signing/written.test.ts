import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { diagnose } from '../../src/signing/index.ts';
import { hmacHex } from '../support/sign.ts';

const folder = join(import.meta.dirname, '../../fixtures/diagnosis');
const read = <T>(name: string): T => JSON.parse(readFileSync(join(folder, name), 'utf8')) as T;
const T = 1_768_472_880;
const SECRET = 'outgoing-secret-value';
const hmac = (body: Uint8Array) => hmacHex(SECRET, `${T}.`, body);

interface Written {
  bodies: string[];
  written: { body: number; program: string; way: string; bytes: string }[];
}

/** What is not named of what programs write, and why: an entry that is named by now fails. */
const UNKNOWN: Readonly<Record<string, string>> = {
  'JSON::PP canonical latin1':
    'Latin-1 as far as it goes and escapes beyond: two steps that depend on each other',
  'JSON::XS canonical latin1': 'the same',
  'Cpanel::JSON::XS canonical latin1': 'the same',
  'to ASCII//TRANSLIT':
    "characters replaced by others that look like them, by a table of the C library's own",
  'urlencode doseq':
    'of an object within the body only the keys are left: nobody would take that for the body',
  'Jackson USE_BIG_DECIMAL_FOR_FLOATS Map':
    "BigDecimal's 1E+2: asked for on purpose, and then rarely with such numbers",
  FILTER_SANITIZE_FULL_SPECIAL_CHARS: 'entities that are there already stay, others get their names',
  'HttpUtility.HtmlEncode': 'Mono leaves emoji, which .NET writes as &#…;',
  JavaScriptStringEncode: 'Mono leaves &, which .NET writes as \\u0026',
  'echo -e of bash': 'each half of an emoji in \\u escapes becomes three bytes',
  'xxd -p': 'hex in lines of 60 digits: a way to look at a body, not to send it',
};

/** Whether anything explains it. What several programs wrote alike is looked at once. */
const explained = new Map<string, boolean>();
function isExplained(body: string, bytes: string): boolean {
  const key = `${body} ${bytes}`;
  const known = explained.get(key);
  if (known !== undefined) return known;
  const header = `t=${T},v1=${hmac(Buffer.from(bytes, 'base64'))}`;
  const secrets = [{ value: SECRET, role: 'expected' as const }];
  const options = { body: Buffer.from(body, 'base64'), header, secrets, now: T, budget: 0 };
  const found = diagnose(options).verdict === 'explained';
  explained.set(key, found);
  return found;
}

describe('what real programs wrote is named, without any combination being tried', () => {
  const { bodies, written } = read<Written>('written.json');
  test.each([...new Set(written.map(({ program }) => program))])('%s', { timeout: 120_000 }, (program) => {
    const missed: string[] = [];
    const ways = new Set<string>();
    const own = written.filter((one) => one.program === program);
    for (const { body, way, bytes } of own) {
      // One body in which it is not named is enough, and where nothing is, everything was looked through.
      if (ways.has(way) || isExplained(bodies[body]!, bytes)) continue;
      if (Object.hasOwn(UNKNOWN, way)) ways.add(way);
      else missed.push(`${way}, body ${body}`);
    }
    const known = own.filter(({ way }) => Object.hasOwn(UNKNOWN, way));
    expect({ missed, ways }).toEqual({ missed: [], ways: new Set(known.map(({ way }) => way)) });
  });
});

it('names more than 95 of 100 of what was held out while the recipes were written', {
  timeout: 120_000,
}, () => {
  const { bodies, written } = read<Written>('held-out.json');
  const named = written.filter(({ body, bytes }) => isExplained(bodies[body]!, bytes));
  expect(named.length / written.length).toBeGreaterThan(0.95);
});

it('names what was made from public bug reports', { timeout: 120_000 }, () => {
  const { now, cases } = read<{
    now: number;
    cases: { name: string; body: string; secret: string; header: string }[];
  }>('open-cases.json');
  const missed = cases.filter(({ body, secret, header }) => {
    const secrets = [{ value: secret, role: 'expected' as const }];
    const { findings } = diagnose({ body: Buffer.from(body, 'base64'), header, secrets, now, budget: 0 });
    return !findings.some(({ code }) => code !== 'malformed');
  });
  // Which bytes it stands for is not known.
  expect(missed.map(({ name }) => name)).toEqual(['body: payload-prepended']);
});

it('accuses nobody for 120 random signatures', { timeout: 120_000 }, () => {
  const body = Buffer.from(read<Written>('written.json').bodies[0]!, 'base64');
  const secrets = [{ value: SECRET, role: 'expected' as const }];
  for (let round = 0; round < 2; round++) {
    const values = Array.from({ length: 60 }, () => `v1=${randomBytes(32).toString('hex')}`);
    const header = `t=${T},${values.join(',')}`;
    const result = diagnose({ body, header, secrets, now: T, budget: 20_000 });
    expect([result.verdict, result.findings]).toEqual(['unexplained', []]);
  }
});
