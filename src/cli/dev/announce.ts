import {
  claimEmulatorFile,
  type EmulatorFile,
  emulatorFilePath,
  readEmulatorFile,
  removeEmulatorFile,
} from '../../client/emulator-file.ts';
import { fileProblem } from '../terminal/io.ts';
import { createFileWatch } from './watch-files.ts';

/**
 * Lets commands in a folder find the gateway that runs in this process: at once, or when the one that they find now
 * has ended. Only a file that is gone is replaced: of two that cannot see each other, each would take it from the other.
 *
 * @param tell takes what changes later, in words.
 */
export function createAnnouncement(folder: string, tell: (text: string) => void) {
  const path = emulatorFilePath(folder);
  let own: EmulatorFile;
  /** Whose file it was that we looked at last. */
  let named: number | null = null;
  let work = Promise.resolve();
  const watch = createFileWatch(
    () => {
      work = work.then(look);
    },
    () => {},
  );

  /** `null` where commands find this gateway, else how they do. */
  async function claim(): Promise<string | null> {
    try {
      const other = await claimEmulatorFile(folder, own);
      named = other?.pid ?? own.pid;
      return other && describeOther(other);
    } catch (error) {
      // A folder that is read-only is no reason to have no gateway.
      return `cannot write ${path}: ${fileProblem(error)}; for commands to find this gateway ${way()}`;
    }
  }

  async function look(): Promise<void> {
    const found = readEmulatorFile(path);
    if (found === null) tell((await claim()) ?? 'commands in this folder find this gateway now');
    else if (found !== 'unreadable' && found.pid !== named) {
      named = found.pid;
      if (named !== own.pid) tell(describeOther(found));
    }
  }

  const describeOther = ({ url, pid }: EmulatorFile) =>
    `commands in this folder talk to ${url} (process ${pid}) until it ends; for this one ${way()}`;
  const way = () =>
    `set CARVOS_URL=${own.url} and CARVOS_CONTROL_TOKEN: start it with one of your choice in the environment`;

  return {
    /** @returns `null`, or in words why commands do not find it, and how they do. */
    begin(content: EmulatorFile): Promise<string | null> {
      own = content;
      return claim();
    },
    /** Sees from now on when the file goes. */
    async follow(): Promise<void> {
      if (named === null) return;
      await watch.follow([path]);
      await look();
    },
    async end(): Promise<void> {
      await watch.close();
      await work;
      if (named !== null) removeEmulatorFile(folder);
    },
  };
}
