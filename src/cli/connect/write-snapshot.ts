import { closeSync, createWriteStream, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { ControlClient } from '../../client/control-client.ts';
import { ForeignAnswerError, UnreachableError } from '../../client/errors.ts';
import { MAX_SNAPSHOT_BYTES } from '../../contract/limits.ts';
import { createDraft, removeAbandonedDrafts } from '../../files/draft-file.ts';
import { limitTime } from '../../transport/limit-time.ts';
import { CliError } from '../terminal/errors.ts';

const HEADER_BYTES = 100;
const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');

/** What a save waits for, and takes, at most. */
export interface SaveLimits {
  /** Wall milliseconds until the first byte: a gateway copies its database before it answers. */
  firstByteMs: number;
  /** Wall milliseconds between two pieces. */
  stallMs: number;
  bytes: number;
}

const LIMITS: SaveLimits = { firstByteMs: 300_000, stallMs: 30_000, bytes: MAX_SNAPSHOT_BYTES };

/**
 * Saves everything that a gateway holds. The file appears whole or not at all, readable by its owner only: it
 * may hold secrets, and holds candidates' data.
 *
 * @throws the file system's error; CliError where something else than a file is there; ForeignAnswerError where what
 *   came is no whole database, or has no end; UnreachableError where nothing more came.
 */
export async function writeSnapshot(
  client: Pick<ControlClient, 'snapshot' | 'url'>,
  path: string,
  options: { secrets: boolean },
  limits: SaveLimits = LIMITS,
): Promise<void> {
  // A draft takes the place of what is there, of a device or a pipe too.
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false)
    throw new CliError(`${path} is not a file`);
  removeAbandonedDrafts(path);
  const draft = createDraft(path);
  const stall = new AbortController();
  const why = `${client.url} stopped sending the snapshot`;
  const giveUp = () => stall.abort(new UnreachableError('timeout', why, 'nothing was saved; run it again'));
  let callOff = limitTime(limits.firstByteMs, giveUp);
  async function* bounded(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let bytes = 0;
    for await (const chunk of chunks) {
      callOff();
      bytes += chunk.length;
      if (bytes > limits.bytes) throw new ForeignAnswerError(client.url, 'the snapshot is larger than any');
      yield chunk;
      callOff = limitTime(limits.stallMs, giveUp);
    }
  }
  try {
    const snapshot = await client.snapshot({ ...options, signal: stall.signal });
    await pipeline(snapshot, bounded, createWriteStream(draft.path, { flags: 'r+' }));
    const problem = findSnapshotProblem(draft.path);
    if (problem !== null) throw new ForeignAnswerError(client.url, problem);
    draft.commit();
  } finally {
    callOff();
    draft.dispose();
  }
}

/**
 * What is wrong with a file that should be a whole SQLite database; `null` when it is one by its header and its
 * length (https://www.sqlite.org/fileformat2.html, section 1.3). Nothing in it is opened.
 *
 * @throws the file system's error.
 */
function findSnapshotProblem(path: string): string | null {
  const header = Buffer.alloc(HEADER_BYTES);
  const file = openSync(path, 'r');
  try {
    const length = readSync(file, header, 0, HEADER_BYTES, 0);
    if (length < HEADER_BYTES || !header.subarray(0, MAGIC.length).equals(MAGIC))
      return 'the snapshot is not a SQLite file';
    const pageSize = header.readUInt16BE(16);
    const bytes = (pageSize === 1 ? 65_536 : pageSize) * header.readUInt32BE(28);
    const { size } = fstatSync(file);
    return size === bytes ? null : `the snapshot has ${size} bytes, and says that it has ${bytes}`;
  } finally {
    closeSync(file);
  }
}
