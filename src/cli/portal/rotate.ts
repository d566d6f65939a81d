import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Credential } from '../../contract/portal.ts';
import { CREDENTIALS, credentialKind, selectAts } from '../config/ats.ts';
import { CONFIG_NAME } from '../config/files.ts';
import type { Config } from '../config/load.ts';
import { CliError } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput } from '../terminal/output.ts';
import { formatDuration } from '../text/duration.ts';
import { readEnvText, setEnvValue, writeEnvText } from './env-file.ts';
import { readConfig, withPortal } from './with-portal.ts';

export interface RotateFlags {
  atsId?: string;
  overlap?: number;
  writeEnv?: boolean;
}

/** `carvos config rotate`: the new value alone goes to standard output. */
export async function rotate(
  command: Command,
  io: Io,
  credential: Credential,
  flags: RotateFlags,
): Promise<void> {
  const output = createOutput(io, command);
  const overlap = Math.round(flags.overlap ?? 0);
  if (credential === 'api-key' && overlap > 0) {
    throw new CliError('an old API key stops at once: --overlap is for secrets', {
      next: 'leave out --overlap',
    });
  }
  const config = await readConfig(io, command, flags.atsId);
  const id = flags.atsId ?? selectAts(config).id;
  const { field, label } = CREDENTIALS[credentialKind(credential)];
  const variable = variableOf(config, id, credential);
  const envPath = config.envFile ?? join(config.folder, '.env');
  if (flags.writeEnv === true) {
    // Whatever stands in the way is said before the old value is gone.
    if (variable === null) {
      throw new CliError(`the ${label} of ${id} does not come from .env, so --write-env cannot change it`, {
        where: config.file?.path,
        next: `leave out --write-env, and put {"env":"NAME"} there as ${field}`,
      });
    }
    setEnvValue(readEnvText(envPath), variable, 'x');
  }
  const rotated = await withPortal(io, command, config, field, (client) =>
    client.rotate(id, { credential, overlap_ms: overlap }),
  );
  // At once: whatever fails after this, the new value must not be lost.
  output.line(rotated.value);
  const written = flags.writeEnv === true && variable !== null;
  const isNew = !existsSync(envPath);
  let envFile: string | null = null;
  try {
    if (written) writeEnvText(envPath, setEnvValue(readEnvText(envPath), variable, rotated.value));
    if (written) envFile = envPath;
  } finally {
    output.document({ ...rotated, variable, env_file: envFile });
  }
  output.note(`This is the new ${label} of ${id}. It is shown once.`);
  output.note(describeOld(credential, overlap));
  if (written)
    output.note(
      `Written to ${envPath} as ${variable}.${isNew ? ' The file is new: let git ignore it.' : ''}`,
    );
  else if (variable !== null)
    output.note(
      `Commands in this folder still have the old one: put ${variable}=… into .env, or use --write-env.`,
    );
  else output.note(`Commands still have the old one: change it in ${CONFIG_NAME}.`);
  if (variable !== null && (io.env[variable] ?? '') !== '')
    output.note(`${variable} is set in the environment, which wins over .env: change it there too.`);
  output.note('It survives restarts, until the value in .env or the config file is changed.');
}

/** How long the old one counts. */
function describeOld(credential: Credential, overlap: number): string {
  const until = formatDuration(overlap);
  if (credential !== 'outgoing-secret')
    return overlap > 0 ? `The old one verifies for another ${until}.` : 'The old one has stopped.';
  return overlap > 0
    ? `Every attempt is signed with the new one from now on, with one v1. Your receiver has to know it; within ${until} let it accept both. carvos's own receiver does.`
    : 'Every attempt is signed with it from now on. Your receiver has to know it.';
}

/** The variable in `.env` that sets a credential; `null` when none does. */
function variableOf(config: Config, id: string, credential: Credential): string | null {
  const ats = config.ats.find((one) => one.id === id);
  if (ats === undefined) return null;
  const { variable, field } = CREDENTIALS[credentialKind(credential)];
  const { setBy } = ats[field];
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(setBy)) return setBy;
  // In the file as text: the variable wins over it where there is one ATS.
  return config.ats.length === 1 ? variable : null;
}
