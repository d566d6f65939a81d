import { basename, dirname, join, resolve } from 'node:path';
import { watch } from 'chokidar';
import { CONFIG_NAME } from '../config/files.ts';
import type { Config } from '../config/load.ts';
import { describeError, isCliError } from '../errors.ts';
import { fileProblem } from '../io.ts';

/** Editors write a file in several steps; what comes within this time is one change. */
const SETTLE_MS = 60;

/**
 * Calls `apply` when the config file or the `.env` beside it changes, appears or goes.
 * What `apply` throws for the user is told, and the old settings stay.
 *
 * @returns the function that stops watching, once every later change will be seen.
 */
export async function watchConfig(
  config: Config,
  apply: () => Promise<string[]>,
  tell: (text: string, wrong: boolean) => void,
): Promise<() => Promise<void>> {
  const path = config.file?.path ?? join(config.folder, CONFIG_NAME);
  // The folder, not the two files: chokidar forgets a file that goes, and does not see it come back.
  const watched = new Set([path, join(config.folder, '.env')]);
  const module = config.ai.module === undefined ? null : resolve(config.folder, config.ai.module);
  const folders = new Set([config.folder]);
  if (module !== null) {
    watched.add(module);
    folders.add(dirname(module));
  }
  const watcher = watch([...folders], {
    ignoreInitial: true,
    depth: 0,
    ignored: (candidate) => !folders.has(candidate) && !watched.has(candidate),
  });
  let timer: NodeJS.Timeout | undefined;
  const names = [basename(path), '.env', ...(module === null ? [] : [basename(module)])].join(' or ');
  const reload = async () => {
    try {
      const changes = await apply();
      const what = changes.length > 0 ? changes.join('; ') : 'nothing that matters here';
      tell(`${names} changed: ${what}`, false);
    } catch (error) {
      if (!isCliError(error)) throw error;
      tell(`${describeError(error)}\n  The old settings stay in force.`, true);
    }
  };
  watcher.on('all', () => {
    clearTimeout(timer);
    timer = setTimeout(() => void reload(), SETTLE_MS);
  });
  await new Promise<void>((resolve) => {
    watcher.once('ready', resolve);
    // Too many watched files on this machine, for one: no reason to stop the gateway.
    watcher.on('error', (error) => {
      tell(`changes of the config file may go unseen: ${fileProblem(error)}`, true);
      resolve();
    });
  });
  return async () => {
    clearTimeout(timer);
    await watcher.close();
  };
}
