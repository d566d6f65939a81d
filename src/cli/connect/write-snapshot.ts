import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { ControlClient } from '../../client/control-client.ts';
import { ForeignAnswerError } from '../../client/errors.ts';
import { findSnapshotProblem } from './check-snapshot.ts';

/**
 * Saves everything that a gateway holds. The file appears whole or not at all, readable by its owner only: it
 * may hold secrets, and holds candidates' data.
 *
 * @throws the file system's error; ForeignAnswerError where what came is no whole database.
 */
export async function writeSnapshot(
  client: Pick<ControlClient, 'snapshot' | 'url'>,
  path: string,
  options: { secrets: boolean },
): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    const snapshot = await client.snapshot(options);
    await pipeline(snapshot, createWriteStream(draft, { mode: 0o600, flags: 'wx' }));
    const problem = findSnapshotProblem(draft);
    if (problem !== null) throw new ForeignAnswerError(client.url, problem);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
