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
