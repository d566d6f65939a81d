import { createHash } from 'node:crypto';
import { startTestEmulator } from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { runCli } from '../../support/program.ts';

/** The fingerprint of a secret. */
export const print = (secret: string) =>
  `sha256:${createHash('sha256').update(secret).digest('hex').slice(0, 8)}`;

/** A gateway whose secrets were rotated after a command's environment was made. */
export async function startRotated(webhookUrl: string | null = null) {
  const { emulator, control } = await startTestEmulator({ speed: 'max' }, webhookUrl);
  const env = { ...emulator.env('test-ats'), CARVOS_CONTROL_TOKEN: emulator.controlToken };
  const rotate = async (credential: 'incoming-secret' | 'outgoing-secret', overlap_ms: number) =>
    (await control.rotate('test-ats', { credential, overlap_ms })).value;
  const fresh = {
    incoming: await rotate('incoming-secret', 60_000),
    outgoing: await rotate('outgoing-secret', 0),
  };
  /** What a command has to say of a secret. */
  const says = (way: 'incoming' | 'outgoing') => {
    const variable = way === 'incoming' ? 'CARVOS_INCOMING_SECRET' : 'CARVOS_OUTGOING_SECRET';
    return `the gateway has another ${way} secret of test-ats (${print(fresh[way])}) than ${variable} (environment) (${print(env[variable])})`;
  };
  const cwd = tempFolder({ 'body.json': '{}' });
  const run = (...args: string[]) => runCli(args, { cwd, env });
  return { emulator, control, cwd, env, fresh, says, run };
}
