import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { SNAPSHOT_ROUTES } from '../../contract/control/routes/status.ts';
import { SNAPSHOT_TYPE } from '../../contract/control.ts';
import { refused } from '../../contract/errors.ts';
import { MAX_SNAPSHOT_BYTES } from '../../contract/limits.ts';
import { takeTimeFor } from '../../transport/broken-requests.ts';
import { draftSnapshot, SnapshotError } from '../store/snapshot.ts';
import type { HandlersOf } from './call.ts';
import type { ControlParts } from './parts.ts';
import { viewStatus } from './views.ts';

/** Everything the gateway holds: downloaded, uploaded, emptied. */
export function createSnapshotHandlers(parts: ControlParts): HandlersOf<typeof SNAPSHOT_ROUTES> {
  const { snapshots } = parts;
  return {
    async saveSnapshot({ query, response }) {
      const file = await snapshots.save(query.secrets === '1');
      try {
        const { size } = await stat(file.path);
        response.writeHead(200, { 'Content-Type': SNAPSHOT_TYPE, 'Content-Length': size });
        await pipeline(createReadStream(file.path), response);
      } catch (error) {
        // The headers are out: all that is left is to break off, so that the client sees it is not whole.
        if (!response.headersSent) throw error;
        response.destroy();
      } finally {
        file.dispose();
      }
    },
    async restoreSnapshot({ request }) {
      const file = draftSnapshot(parts.store);
      // Gigabytes, on a slow disk.
      takeTimeFor(request);
      try {
        await pipeline(request, bounded, createWriteStream(file.path, { flags: 'r+' }));
        await snapshots.restore(file.path);
      } catch (error) {
        if (error instanceof SnapshotError) throw refused(error.code, error.detail ?? undefined);
        throw error;
      } finally {
        file.dispose();
      }
      return viewStatus(parts);
    },
    async reset() {
      await snapshots.reset();
      return viewStatus(parts);
    },
  };
}

/** @throws SnapshotError for more than any snapshot has, before it fills the disk. */
async function* bounded(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > MAX_SNAPSHOT_BYTES) throw new SnapshotError('bad_snapshot', 'it is larger than any snapshot');
    yield chunk;
  }
}
