import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type DiagnosisSecret, diagnose, FINDINGS } from '../../src/signing/index.ts';

const folder = join(import.meta.dirname, '../../fixtures/diagnosis');

interface Case {
  name: string;
  codes: string[];
  body_base64: string;
  header: string;
  computed?: string;
  now: number;
  secrets: DiagnosisSecret[];
  profile?: string;
}
const { cases } = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as { cases: Case[] };

// Every case was computed by Python's hmac: nothing here is judged by the code under test.
describe('the diagnosis of what others computed', () => {
  it.each(cases.map((one): [string, string, Case] => [one.codes.join(' + '), one.name, one]))(
    '%s: %s',
    (_codes, _name, one) => {
      const { body_base64, header, computed, now, secrets } = one;
      const body = Buffer.from(body_base64, 'base64');
      // Time enough on a slow machine: what is found is not to depend on it here.
      const result = diagnose({ body, header, computed, now, secrets, budget: 5_000_000 });
      expect(result.verdict).toBe('explained');
      expect(result.findings.map(({ code }) => code).sort()).toEqual([...one.codes].sort());
      if (one.profile !== undefined) {
        const { profile, also } = result.findings.find(({ code }) => code === 'body_reserialized')!.details;
        expect([profile, ...String(also).split('; ')]).toContain(one.profile);
      }
      for (const { message, fix } of result.findings) {
        expect(message.length).toBeGreaterThan(20);
        expect(fix.length).toBeGreaterThan(10);
      }
    },
  );

  it('has a case for every finding', () => {
    const covered = new Set(cases.flatMap(({ codes }) => codes));
    expect(FINDINGS.map(({ code }) => code).filter((code) => !covered.has(code))).toEqual([]);
  });

  it('has cases that are what the script makes', () => {
    execFileSync('python3', [join(folder, 'make-cases.py'), '--check'], { stdio: 'pipe' });
  });
});
