// Fetches a release of Node from the npm registry: its program and its headers, as they come from nodejs.org.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What holds the newest release of a line for this machine. */
export function nodePackage(line) {
  return `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}@${line}`;
}

/** The newest release of a line, in a folder made for it; `null` where it could not be had. */
export function fetchNode(line, folder) {
  const name = nodePackage(line);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const args = ['install', '--no-audit', '--no-fund', name];
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: 'inherit' });
  if (status === 0) return join(folder, 'node_modules', name.split('@')[0]);
  rmSync(folder, { recursive: true });
  return null;
}
