import { expect, onTestFinished, test, vi } from 'vitest';
import { asCalled } from '../../src/files/called-as.ts';

test.each([
  ['npm/11.0.0 node/v24.0.0 linux x64', 'npx carvos'],
  ['', 'carvos'],
])('called by %j, commands are named as %s', (agent, program) => {
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('npm_config_user_agent', agent);
  expect(
    asCalled('carvos dev, or `carvos env` (carvos --help); carvos.config.json and carvos 0.1.0 stay'),
  ).toBe(
    `${program} dev, or \`${program} env\` (${program} --help); carvos.config.json and carvos 0.1.0 stay`,
  );
});
