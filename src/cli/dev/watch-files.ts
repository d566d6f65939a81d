import { basename, dirname, normalize } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';

/** Editors write a file in several steps; what comes within this time is one change. Milliseconds. */
export const SETTLE_MS = 60;

/** Folders in which new files count too, those whose name fits. */
export interface WatchedFolders {
  folders: readonly string[];
  names: RegExp;
}

/** Watches files of which there may be others each time: `follow` takes all. The old watcher goes when the new one sees everything. */
export function createFileWatch(notice: (path: string) => void, onError: (error: unknown) => void) {
  let watched = '';
  let watcher: FSWatcher | undefined;
  return {
    async follow(files: readonly string[], also?: WatchedFolders): Promise<void> {
      if (watcher !== undefined && files.join('\n') === watched) return;
      const before = watcher;
      watched = files.join('\n');
      watcher = await watchFiles(files, notice, onError, also);
      await before?.close();
    },
    close: async () => await watcher?.close(),
  };
}

/**
 * Calls `notice` with the absolute path of each file that changes, comes or goes. Resolves once every later change is seen.
 */
async function watchFiles(
  files: readonly string[],
  notice: (path: string) => void,
  onError: (error: unknown) => void,
  also: WatchedFolders = { folders: [], names: /^$/ },
): Promise<FSWatcher> {
  // The folders, not the files: chokidar forgets a file that goes, and does not see it come back.
  const whole = new Set(also.folders);
  const folders = new Set([...whole, ...files.map((file) => dirname(file))]);
  const named = new Set(files);
  const isWanted = (path: string) =>
    named.has(path) || (whole.has(dirname(path)) && also.names.test(basename(path)));
  const watcher = watch([...folders], {
    ignoreInitial: true,
    depth: 0,
    ignored: (candidate) => {
      // chokidar asks with slashes, on Windows too.
      const path = normalize(candidate);
      return !folders.has(path) && !isWanted(path);
    },
  });
  watcher.on('all', (_event, path) => {
    if (isWanted(path)) notice(path);
  });
  await new Promise<void>((resolve) => {
    watcher.once('ready', resolve);
    // Too many watched files on this machine, for one: no reason to stop the gateway.
    watcher.on('error', (error) => {
      onError(error);
      resolve();
    });
  });
  return watcher;
}
