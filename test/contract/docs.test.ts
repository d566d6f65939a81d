import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { EXIT } from '../../src/cli/terminal/exit-codes.ts';
import { ASSUMPTIONS } from '../../src/contract/assumptions.ts';
import { ERRORS, gatewayError } from '../../src/contract/errors.ts';
import { MAGIC_TAGS } from '../../src/emulator/processing/stub/magic.ts';

const folder = mkdtempSync(join(tmpdir(), 'carvos-docs-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const generate = (...args: string[]) =>
  spawnSync(process.execPath, ['scripts/generate-docs.mjs', ...args], { encoding: 'utf8' });

describe('assumptions', () => {
  it('have unique kebab-case ids and say everything', () => {
    const ids = ASSUMPTIONS.map((one) => one.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const one of ASSUMPTIONS) {
      expect(one.id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      for (const text of [one.what, one.where, one.why, one.check]) expect(text).toMatch(/\.$/);
    }
  });
});

describe('gatewayError', () => {
  it('answers as documented', () => {
    expect(gatewayError('invalid_signature')).toMatchObject({
      status: 401,
      body: { detail: 'Invalid signature' },
    });
    expect(gatewayError('unknown_ats')).toMatchObject({ status: 404, body: { detail: 'Unknown ATS' } });
    expect(gatewayError('invalid_api_key').body).toEqual({ detail: 'Invalid or missing API key' });
    expect(gatewayError('workspace_not_found')).toMatchObject({ status: 404 });
    expect(gatewayError('workspace_provisioning')).toMatchObject({ status: 409 });
  });

  it('takes problems as the detail', () => {
    const problem = { type: 'missing', loc: ['body', 'email'], msg: 'Field required', input: {} };
    expect(gatewayError('validation', [problem])).toMatchObject({ status: 422, body: { detail: [problem] } });
  });
});

describe('FIDELITY.md', () => {
  it('is up to date and names every assumption and every refusal', () => {
    expect(generate('--check').stderr).toBe('');
    const text = readFileSync('FIDELITY.md', 'utf8');
    for (const one of ASSUMPTIONS) expect(text).toContain(`#### \`${one.id}\``);
    for (const code of Object.keys(ERRORS)) expect(text).toContain(`| \`${code}\` |`);
  });

  it('is refused by --check when missing or out of date', () => {
    const file = join(folder, 'FIDELITY.md');
    const missing = generate('--check', '--out', file);
    expect([missing.status, missing.stderr]).toEqual([1, expect.stringContaining('is missing')]);
    expect(generate('--out', file).status).toBe(0);
    expect(generate('--check', '--out', file).status).toBe(0);
    writeFileSync(file, `${readFileSync(file, 'utf8')}more`);
    const stale = generate('--check', '--out', file);
    expect([stale.status, stale.stderr]).toEqual([
      1,
      expect.stringContaining('out of date. Run: npm run docs'),
    ]);
  });
});

describe('README.md', () => {
  it('has the tables of commands, magic candidates and exit codes as the code knows them', () => {
    const text = readFileSync('README.md', 'utf8');
    for (const name of Object.keys(COMMANDS)) expect(text).toContain(`| \`carvos ${name}\` |`);
    for (const { example } of MAGIC_TAGS) expect(text).toContain(`| \`${example}\` |`);
    for (const code of Object.values(EXIT)) expect(text).toContain(`\n| ${code} |`);
  });

  it('is refused by --check when a table is out of date, and keeps what is around it', () => {
    const file = join(folder, 'README.md');
    const text = readFileSync('README.md', 'utf8');
    writeFileSync(file, `first\n${text.replace('| `carvos init` |', '| `carvos gone` |')}last\n`);
    const stale = generate('--check', '--readme', file);
    expect([stale.status, stale.stderr]).toEqual([1, expect.stringContaining('out of date')]);
    expect(generate('--readme', file).status).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(`first\n${text}last\n`);
  });
});
