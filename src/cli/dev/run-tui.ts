import { spawn } from 'node:child_process';
import { ownCommand } from '../../files/own-parts.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import type { Io } from '../terminal/io.ts';

export interface TuiOptions {
  url: string;
  token: string;
  caFile?: string;
  /** Further arguments of `carvos inspect`. */
  args: string[];
  /** Ends the screen, as SIGTERM does. */
  signal: AbortSignal;
}

/**
 * Shows `carvos inspect` on this terminal until the user leaves it. In a process of its own: drawing and
 * `$EDITOR` hold nothing up in the gateway, and a crash of the screen does not end it midway.
 *
 * @returns its exit code.
 */
export function runTui(io: Io, options: TuiOptions): Promise<number> {
  const child = spawn(...ownCommand(['inspect', ...options.args]), {
    stdio: 'inherit',
    env: {
      ...io.env,
      CARVOS_URL: options.url,
      CARVOS_CONTROL_TOKEN: options.token,
      ...(options.caFile !== undefined && { CARVOS_CA_FILE: options.caFile }),
    },
  });
  const end = () => void child.kill('SIGTERM');
  options.signal.addEventListener('abort', end, { once: true });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      options.signal.removeEventListener('abort', end);
      resolve(options.signal.aborted ? EXIT.ok : (code ?? EXIT.bug));
    });
  });
}
