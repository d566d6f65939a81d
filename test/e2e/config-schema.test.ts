import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../support/folder.ts';
import { isTaken, problemsOf, readSchema } from '../support/json-schemas.ts';
import { runCli } from '../support/program.ts';

const root = join(import.meta.dirname, '../..');

type Properties = Record<string, { description?: string }>;

test('the schema that init names is there in an installed package, and takes what init writes', async () => {
  const cwd = tempFolder();
  mkdirSync(join(cwd, 'node_modules'));
  symlinkSync(root, join(cwd, 'node_modules/carvos'));
  expect((await runCli(['init'], { cwd })).code).toBe(0);
  const config = JSON.parse(readFileSync(join(cwd, 'carvos.config.json'), 'utf8'));
  const named = JSON.parse(readFileSync(resolve(cwd, config.$schema), 'utf8'));
  expect(named).toEqual(readSchema('config'));
  expect(problemsOf('config', config)).toEqual([]);
  // And carvos itself takes the line for the editor.
  expect((await runCli(['config', 'show'], { cwd })).code).toBe(0);
});

test('an editor has something to say about each field, and refuses others', () => {
  const { properties, additionalProperties } = readSchema('config') as {
    properties: Properties;
    additionalProperties: unknown;
  };
  expect(Object.keys(properties)).toEqual(expect.arrayContaining(['$schema', 'port', 'ats', 'ai', 'faults']));
  expect(Object.keys(properties).filter((name) => !properties[name]!.description)).toEqual([]);
  expect(additionalProperties).toBe(false);
});

test.each(['carvos.config.json', 'ai-rules.json', 'several-ats.json'])('the guides’ %s fits', (name) => {
  const text = readFileSync(join(root, 'fixtures/config', name), 'utf8');
  expect(problemsOf('config', JSON.parse(text))).toEqual([]);
});

const RIGHT: Record<string, unknown> = {
  empty: {},
  speeds: { speed: 'max', receiverTimeout: 'off', provisioningLatency: '0s' },
  'secrets of both kinds': {
    ats: [{ id: 'a', apiKey: 'k', incomingSecret: { env: 'X' }, webhookUrl: null }],
  },
  faults: { faults: [{ kind: 'slow', delay: '7s', share: 0.5 }], seed: 7 },
  rules: { ai: { rules: [{ when: { event: 'candidate.created' }, fail: 'overloaded' }], retries: 1 } },
};
const WRONG: Record<string, unknown> = {
  'an unknown field': { prot: 4010 },
  'an unknown field deep inside': {
    ats: [{ id: 'a', workspaces: [{ clientId: 'c', name: 'C', memebers: [] }] }],
  },
  'a port that is none': { port: 70_000 },
  'a speed that is none': { speed: 'fast' },
  'no duration': { receiverTimeout: '5 seconds' },
  'no ATS': { ats: [] },
  'an ATS without id': { ats: [{ name: 'A' }] },
  'no http': { ats: [{ id: 'a', webhookUrl: 'ftp://example.com' }] },
  'a fault that is none': { faults: [{ kind: 'explode' }] },
  'a secret that is a number': { ats: [{ id: 'a', apiKey: 5 }] },
};

test.each([
  ...Object.entries(RIGHT).map(([name, config]) => [name, config, true] as const),
  ...Object.entries(WRONG).map(([name, config]) => [name, config, false] as const),
])('the schema and carvos are of one mind about %s', async (_, config, right) => {
  const cwd = tempFolder({ 'carvos.config.json': JSON.stringify(config) });
  const { code, stderr } = await runCli(['config', 'show'], { cwd, env: { X: 'x' } });
  expect(code, stderr).toBe(right ? 0 : 2);
  expect(isTaken('config', config)).toBe(right);
});
