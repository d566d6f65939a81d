import { SnapshotError } from '../store/snapshot.ts';
import { checkSnapshot, copySnapshot } from './copy-snapshot.ts';

/** The process that reads what somebody handed over. It is ended from outside, also where SQLite does not come back. */

export interface ReadRequest {
  source: string;
  /** Where the new database goes; `null` to look only. */
  target: string | null;
}

export type ReadAnswer =
  | { ok: true }
  | { ok: false; refused: Pick<SnapshotError, 'code' | 'detail'> }
  /** Not the file's fault: a full disk. */
  | { ok: false; error: { code: string; message: string } };

// Ctrl-C in a terminal reaches the whole group: whoever started this one decides when it ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit());
process.on('message', (request: ReadRequest) => {
  process.send!(answer(request));
});

function answer({ source, target }: ReadRequest): ReadAnswer {
  try {
    if (target === null) checkSnapshot(source);
    else copySnapshot(source, target);
    return { ok: true };
  } catch (error) {
    if (error instanceof SnapshotError)
      return { ok: false, refused: { code: error.code, detail: error.detail } };
    const { code = '', message } = error as { code?: string; message: string };
    return { ok: false, error: { code, message } };
  }
}
