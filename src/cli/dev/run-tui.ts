import { spawn } from 'node:child_process';
import type { Emulator } from '../../emulator/in-process/api.ts';
import { ownCommand } from '../../files/own-parts.ts';
import { EXIT } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import type { GlobalOptions } from '../terminal/output.ts';

/**
 * Shows `carvos inspect` on this terminal until the user leaves it, or `stopped` resolves. In a process of its own: drawing
 * and `$EDITOR` hold nothing up in the gateway, and a crash of the screen does not end it midway.
 *
 * @returns its exit code.
 */
export function runTui(
  io: Io,
  { url, controlToken }: Pick<Emulator, 'url' | 'controlToken'>,
  { config, color, caFile }: GlobalOptions & { caFile: string | undefined },
  stopped: Promise<void>,
): Promise<number> {
  const flags = Object.entries({ '--config': config, '--color': color });
  const args = flags.flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
  const trust = caFile !== undefined && { CARVOS_CA_FILE: caFile };
  const child = spawn(...ownCommand(['inspect', ...args]), {
    stdio: 'inherit',
    env: { ...io.env, CARVOS_URL: url, CARVOS_CONTROL_TOKEN: controlToken, ...trust },
  });
  let ended = false;
  void stopped.then(() => {
    ended = true;
    child.kill('SIGTERM');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      // Until it has the keys, Ctrl-C is a signal to it as well.
      const isLeft = ended || signal === 'SIGINT' || code === EXIT.interrupted;
      resolve(isLeft ? EXIT.ok : (code ?? EXIT.bug));
    });
  });
}
