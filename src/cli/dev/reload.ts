import { basename, join } from 'node:path';
import { watch } from 'chokidar';
import { CONFIG_NAME } from '../config/files.ts';
import type { Config } from '../config/load.ts';
import { describeError, isCliError } from '../errors.ts';

/** Editors write a file in several steps; what comes within this time is one change. */
const SETTLE_MS = 60;

/**
 * Calls `apply` when the config file or the `.env` beside it changes, appears or goes.
 * What `apply` throws for the user is told, and the old settings stay.
 *
 * @returns the function that stops watching.
 */
export function watchConfig(
  config: Config,
  apply: () => Promise<string[]>,
  tell: (text: string, wrong: boolean) => void,
): () => Promise<void> {
  const path = config.file?.path ?? join(config.folder, CONFIG_NAME);
  const watcher = watch([path, join(config.folder, '.env')], { ignoreInitial: true });
  let timer: NodeJS.Timeout | undefined;
  const reload = async () => {
    try {
      const changes = await apply();
      const what = changes.length > 0 ? changes.join('; ') : 'nothing that matters here';
      tell(`${basename(path)} or .env changed: ${what}`, false);
    } catch (error) {
      if (!isCliError(error)) throw error;
      tell(`${describeError(error)}\n  The old settings stay in force.`, true);
    }
  };
  watcher.on('all', () => {
    clearTimeout(timer);
    timer = setTimeout(() => void reload(), SETTLE_MS);
  });
  return async () => {
    clearTimeout(timer);
    await watcher.close();
  };
}
