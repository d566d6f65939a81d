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

/** What no recipe writes yet, and why. */
const UNKNOWN = new Set([
  // Whole floats that Perl prints as integers, and big ones as integers in quotes.
  ...['JSON::PP canonical', 'JSON::PP canonical ascii', 'JSON::PP pretty canonical'],
  ...['JSON::PP canonical latin1', 'JSON::XS canonical latin1', 'Cpanel::JSON::XS canonical latin1'],
  // Transliteration, and lines of a length of their own.
  ...['to ASCII//TRANSLIT', 'to WINDOWS-1252//TRANSLIT', 'to WINDOWS-1250', 'xxd -p'],
  ...['urlencode doseq', 'inspect', 'BIGINT_AS_STRING', 'Jackson USE_BIG_DECIMAL_FOR_FLOATS Map'],
  ...['orjson', 'orjson OPT_SORT_KEYS', 'orjson OPT_INDENT_2', 'pprint', 'pprint sort_dicts=False'],
]);

describe('what real programs wrote is named, without any combination being tried', () => {
  const { bodies, written } = read<Written>('written.json');
  test.each([...new Set(written.map(({ program }) => program))])('%s', { timeout: 120_000 }, (program) => {
    const missed: string[] = [];
    for (const { body, way, bytes } of written.filter((one) => one.program === program)) {
      const header = `t=${T},v1=${hmac(Buffer.from(bytes, 'base64'))}`;
      const secrets = [{ value: SECRET, role: 'expected' as const }];
      const { verdict } = diagnose({
        body: Buffer.from(bodies[body]!, 'base64'),
        header,
        secrets,
        now: T,
        budget: 0,
      });
      if (verdict !== 'explained' && !UNKNOWN.has(way)) missed.push(`${way}, body ${body}`);
    }
    expect(missed).toEqual([]);
  });
});

it('names nine of ten of what was held out while the recipes were written', { timeout: 120_000 }, () => {
  const { bodies, written } = read<Written>('held-out.json');
  const named = written.filter(({ body, bytes }) => {
    const header = `t=${T},v1=${hmac(Buffer.from(bytes, 'base64'))}`;
    const secrets = [{ value: SECRET, role: 'expected' as const }];
    const options = { body: Buffer.from(bodies[body]!, 'base64'), header, secrets, now: T, budget: 0 };
    return diagnose(options).verdict === 'explained';
  });
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

it('accuses nobody for 600 random signatures', { timeout: 120_000 }, () => {
  const { bodies } = read<Written>('written.json');
  for (const text of bodies.slice(0, 1)) {
    for (let round = 0; round < 10; round++) {
      const values = Array.from({ length: 60 }, () => `v1=${randomBytes(32).toString('hex')}`);
      const header = `t=${T},${values.join(',')}`;
      const secrets = [{ value: SECRET, role: 'expected' as const }];
      const result = diagnose({ body: Buffer.from(text, 'base64'), header, secrets, now: T, budget: 20_000 });
      expect([result.verdict, result.findings]).toEqual(['unexplained', []]);
    }
  }
});
