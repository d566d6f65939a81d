import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { FACTS_FILE } from '../config/facts.ts';
import { CONFIG_NAME } from '../config/files.ts';
import type { Config } from '../config/load.ts';
import { describeError, isCliError } from '../terminal/errors.ts';
import { fileProblem } from '../terminal/io.ts';
import { createFileWatch, SETTLE_MS } from './watch-files.ts';

export interface Applied {
  /** In words. */
  changes: string[];
  /** Absolute path of the AI module in force; `undefined` where there is none. */
  module: string | undefined;
}

/**
 * Calls `apply` when the config file, the `.env` or the facts file beside it, the AI module or what that imports changes,
 * appears or goes. What `apply` throws is reported, and the old settings stay.
 *
 * @param module absolute path of the AI module at the start.
 * @returns the function that stops watching, once every later change will be seen.
 */
export async function watchConfig(
  config: Config,
  module: string | undefined,
  apply: () => Promise<Applied>,
  report: (text: string, wrong: boolean) => void,
): Promise<() => Promise<void>> {
  const own = [
    config.file?.path ?? join(config.folder, CONFIG_NAME),
    join(config.folder, '.env'),
    join(config.folder, FACTS_FILE),
  ];
  let files = own;
  const changed = new Set<string>();
  let current = module;
  let timer: NodeJS.Timeout | undefined;
  let work = Promise.resolve();
  let isClosed = false;

  const watch = createFileWatch(notice, (error) =>
    report(`changes of the config file may go unseen: ${fileProblem(error)}`, true),
  );
  /** Watches what matters now. */
  const follow = async () => {
    files = current === undefined ? own : [...own, ...(await listModule(current))];
    await watch.follow(files);
  };

  function notice(path: string): void {
    changed.add(basename(path));
    clearTimeout(timer);
    timer = setTimeout(() => {
      work = work.then(reload);
    }, SETTLE_MS);
  }

  async function reload(): Promise<void> {
    if (isClosed) return;
    const names = [...changed].join(' and ');
    changed.clear();
    try {
      const applied = await apply();
      current = applied.module;
      // First: what is changed after this is reported must be seen.
      await follow();
      const what = applied.changes.length > 0 ? applied.changes.join('; ') : 'nothing that matters here';
      report(`${names} changed: ${what}`, false);
    } catch (error) {
      const what = isCliError(error) ? await describeError(error) : `error: ${(error as Error).message}`;
      report(`${what}\n  The old settings stay in force.`, true);
    }
  }

  await follow();
  // Between the first reading and now nobody was looking.
  for (const path of files) if (isNewerThanProcess(path)) notice(path);
  for (const path of filesRead(config)) if (!existsSync(path)) notice(path);
  return async () => {
    isClosed = true;
    clearTimeout(timer);
    await work;
    await watch.close();
  };
}

/** What was there when the configuration was read. */
function filesRead({ file, envFile, folder, facts }: Config): string[] {
  const paths = [file?.path ?? null, envFile, facts === undefined ? null : join(folder, FACTS_FILE)];
  return paths.filter((path) => path !== null);
}

/** A module and what it imports. */
async function listModule(path: string): Promise<string[]> {
  const { listModuleFiles } = await import('../../emulator/processing/ai/module-files.ts');
  return listModuleFiles(path);
}

/** Whether a file was written, or put in its place, since this process began. */
function isNewerThanProcess(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && found.ctimeMs >= Date.now() - process.uptime() * 1000;
}
