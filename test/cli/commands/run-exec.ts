import { join } from 'node:path';
import { expect } from 'vitest';
import { tempFolder } from '../../support/folder.ts';
import { isAlive } from '../../support/is-alive.ts';
import { CARVOS, type CliOptions, runCli, spawnProgram } from '../../support/program.ts';
import { serveHttp } from '../../support/receiver.ts';

export const PYTHON_CHILD = join(import.meta.dirname, '../../support/exec-child.py');
export const run = (args: string[], options: CliOptions = {}) =>
  runCli(['exec', ...args], { cwd: tempFolder(), ...options });
export const sh = (script: string) => ['--', 'sh', '-c', script];
/** As the shell of a pipeline starts it, with its output in pipes. */
export const spawnExec = (args: string[], cwd = tempFolder(), env: Record<string, string> = {}) =>
  spawnProgram(process.execPath, [CARVOS, 'exec', ...args], { cwd, env });
export const gone = (...pids: number[]) => expect.poll(() => pids.filter(isAlive)).toEqual([]);
export async function startReceiver(status = 200): Promise<{ url: string }> {
  const serving = await serveHttp((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(status).end());
  });
  return { url: `${serving.url}/hook` };
}
