import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An environment, its files in `folder`, in which `silent*.test` is never answered, `gone*.test` does not exist, and others are this machine. */
export function oddNames(folder: string): { env: Record<string, string>; asked(): string[] } {
  const [pipe, log] = [join(folder, 'pipe'), join(folder, 'asked')];
  execFileSync('mkfifo', [pipe]);
  writeFileSync(log, '');
  return {
    env: {
      NODE_OPTIONS: `--require "${join(import.meta.dirname, 'odd-names.cjs')}"`,
      ODD_NAMES_PIPE: pipe,
      ODD_NAMES_ASKED: log,
    },
    asked: () => readFileSync(log, 'utf8').split('\n').filter(Boolean),
  };
}
