import { readdirSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { createFileWatch, SETTLE_MS } from '../dev/watch-files.ts';
import { describeError, isCliError } from '../terminal/errors.ts';
import { fileProblem, type Io } from '../terminal/io.ts';
import { listFiles, SCENARIO } from './run-files.ts';

/** Absolute paths of what each scenario read when it ran last, by the name of its file. */
export type UsedFiles = Map<string, ReadonlySet<string>>;

/**
 * Runs all scenarios, and then again those that a changed file is, or is used by, until `signal` is aborted. What is wrong
 * with one is reported, and it is run again when it changes.
 *
 * @param names files and folders.
 * @param run runs these files, and enters what they used.
 * @throws CliError (exit 2) where there is nothing to run at the beginning.
 */
export async function watchScenarios(
  io: Io,
  names: readonly string[],
  signal: AbortSignal,
  { run, note }: { run(files: readonly string[], used: UsedFiles): Promise<void>; note(text: string): void },
): Promise<void> {
  const used: UsedFiles = new Map();
  const changed = new Set<string>();
  let files = listFiles(io, names);
  let timer: NodeJS.Timeout | undefined;
  let wake = () => {};
  const attempt = async (task: () => unknown) => {
    try {
      await task();
    } catch (error) {
      if (!isCliError(error)) throw error;
      note(await describeError(error));
    }
  };

  function notice(path: string): void {
    changed.add(path);
    clearTimeout(timer);
    timer = setTimeout(() => wake(), SETTLE_MS);
  }

  const watch = createFileWatch(notice, (error) => note(`changes may go unseen: ${fileProblem(error)}`));
  async function follow(): Promise<void> {
    const wanted = files.flatMap((file) => [resolve(io.cwd, file), ...(used.get(file) ?? [])]);
    await watch.follow([...new Set(wanted)].sort(), { folders: listFolders(io, names), names: SCENARIO });
  }

  const stopped = new Promise<void>((done) => {
    signal.addEventListener('abort', () => done(), { once: true });
  });
  try {
    await follow();
    await attempt(() => run(files, used));
    await follow();
    while (!signal.aborted) {
      note('watching for changes; Ctrl-C ends');
      if (changed.size === 0) {
        const woken = new Promise<void>((done) => {
          wake = done;
        });
        await Promise.race([woken, stopped]);
        if (signal.aborted) return;
      }
      const paths = [...changed];
      changed.clear();
      const before = files;
      await attempt(() => {
        files = listFiles(io, names);
      });
      const touched = files.filter(
        (file) =>
          !before.includes(file) ||
          paths.includes(resolve(io.cwd, file)) ||
          paths.some((path) => used.get(file)?.has(path)),
      );
      if (touched.length > 0) {
        note(`${paths.map((path) => basename(path)).join(', ')} changed`);
        await attempt(() => run(touched, used));
      }
      await follow();
    }
  } finally {
    clearTimeout(timer);
    await watch.close();
  }
}

/** Those that were named, and all below them. */
function listFolders(io: Io, names: readonly string[]): string[] {
  // One that is being replaced is not there for a moment.
  const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  const paths = names.map((name) => resolve(io.cwd, name));
  return paths.filter(isFolder).flatMap((folder) => {
    const below = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => resolve(entry.parentPath, entry.name));
    return [folder, ...below];
  });
}
