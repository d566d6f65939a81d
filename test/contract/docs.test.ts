import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { EXIT } from '../../src/cli/terminal/errors.ts';
import { ASSUMPTIONS } from '../../src/contract/assumptions.ts';
import { ERRORS, gatewayError } from '../../src/contract/errors.ts';
import { MAGIC_TAGS } from '../../src/emulator/processing/stub/magic.ts';
import { sharedFolder } from '../support/folder.ts';

const folder = sharedFolder();

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

describe('the documents', () => {
  it('are up to date, and name every assumption, refusal, command, tag and exit code', () => {
    expect(generate('--check')).toMatchObject({ status: 0, stderr: '' });
    const fidelity = readFileSync('docs/fidelity.md', 'utf8');
    for (const one of ASSUMPTIONS) expect(fidelity).toContain(`#### \`${one.id}\``);
    for (const code of Object.keys(ERRORS)) expect(fidelity).toContain(`| \`${code}\` |`);
    const readme = readFileSync('README.md', 'utf8');
    const commands = readFileSync('docs/reference/commands.md', 'utf8');
    for (const name of Object.keys(COMMANDS)) {
      expect(readme).toContain(`| \`carvos ${name}\` |`);
      expect(commands).toContain(`\n## carvos ${name}\n`);
    }
    const magic = readFileSync('docs/reference/magic-candidates.md', 'utf8');
    for (const { example } of MAGIC_TAGS) expect(magic).toContain(`| \`${example}\` |`);
    const exits = readFileSync('docs/reference/exit-codes.md', 'utf8');
    for (const code of Object.values(EXIT)) expect(exits).toContain(`\n| ${code} |`);
  });

  it('are refused by --check where a block is out of date; what is around it stays', () => {
    for (const name of ['README.md', 'docs']) cpSync(name, join(folder, name), { recursive: true });
    const file = join(folder, 'README.md');
    const text = readFileSync('README.md', 'utf8');
    writeFileSync(file, `first\n${text.replace('| `carvos exec` |', '| `carvos gone` |')}last\n`);
    const stale = generate('--check', '--root', folder);
    expect([stale.status, stale.stderr]).toEqual([1, 'README.md is out of date. Run: npm run docs\n']);
    expect(generate('--root', folder).status).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(`first\n${text}last\n`);
  });
});
