import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { ControlClient } from '../client/control-client.ts';

/**
 * Saves everything that a gateway holds. The file appears whole or not at all, readable by its owner only: it
 * may hold secrets, and holds candidates' data.
 *
 * @throws the file system's error.
 */
export async function writeSnapshot(
  client: Pick<ControlClient, 'snapshot'>,
  path: string,
  options: { secrets: boolean },
): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    const snapshot = await client.snapshot(options);
    await pipeline(snapshot, createWriteStream(draft, { mode: 0o600, flags: 'wx' }));
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
