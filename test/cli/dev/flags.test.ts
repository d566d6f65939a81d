import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadValidConfig } from '../../../src/cli/config/load.ts';
import { devSettings } from '../../../src/cli/dev/flags.ts';
import { tempFolder } from '../../support/folder.ts';

test.each(['record', 'playback'])('--%s starts at the folder in which the command runs', async (flag) => {
  const io = { cwd: tempFolder(), env: {} };
  const flags = { [flag]: 'answers', playbackOrStub: flag === 'playback' };
  const { ai } = devSettings(await loadValidConfig(io, {}), io, flags);
  expect(ai).toMatchObject({ [flag]: join(io.cwd, 'answers') });
});

test('--ats-id has to name an ATS of the config file, also where nothing else is said of it', async () => {
  const io = { cwd: tempFolder({ 'carvos.config.json': '{"ats":[{"id":"demo-ats"}]}' }), env: {} };
  const config = await loadValidConfig(io, { atsId: 'demo-atz' });
  expect(() => devSettings(config, io, { atsId: 'demo-atz' })).toThrow(/Did you mean demo-ats\?/);
  // Without a file, the demo one is whichever is asked for.
  const bare = { cwd: tempFolder(), env: {} };
  const { ats } = devSettings(await loadValidConfig(bare, { atsId: 'my-ats' }), bare, { atsId: 'my-ats' });
  expect(ats.map(({ id }) => id)).toEqual(['my-ats']);
});
