import { expect, onTestFinished, test, vi } from 'vitest';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { asCalled } from '../../src/files/called-as.ts';

const NPM = 'npm/11.0.0 node/v24.0.0 linux x64';

function callBy(agent: string): void {
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('npm_config_user_agent', agent);
}

test.each([
  [NPM, 'npx carvos'],
  ['', 'carvos'],
])('called by %j, commands are named as %s', (agent, program) => {
  callBy(agent);
  expect(
    asCalled('carvos dev, or `carvos env` (carvos --help); carvos.config.json and carvos 0.1.0 stay'),
  ).toBe(
    `${program} dev, or \`${program} env\` (${program} --help); carvos.config.json and carvos 0.1.0 stay`,
  );
});

test('each command is known, and what only says that carvos does something stays', () => {
  callBy(NPM);
  for (const name of Object.keys(COMMANDS)) expect(asCalled(`carvos ${name}`)).toBe(`npx carvos ${name}`);
  for (const text of ['carvos uses it', 'carvos reports', 'carvos is ready', 'so npx carvos run'])
    expect(asCalled(text)).toBe(text);
});
