import type { ControlClient } from '../../client/control-client.ts';
import type { FeedEntry } from '../../contract/control.ts';
import { echoText } from '../text/echo.ts';
import type { JobMark } from './state.ts';

/** Marks that are kept, the newest: those of rows that may be on the screen. */
const MOST_MARKS = 500;
const ASKED_AT_ONCE = 200;

/** Which references have a job at the AI, or one that failed, or brought back what was delivered. */
export function createJobWatch() {
  const marks = new Map<string, JobMark>();
  let dirty = false;
  let given: ReadonlyMap<string, JobMark> = new Map();
  const mark = (reference: string, value: JobMark | null) => {
    // Put in anew, so that the oldest stands first.
    const had = marks.delete(reference);
    if (value !== null) marks.set(reference, value);
    if (!had && value === null) return;
    dirty = true;
    if (marks.size > MOST_MARKS) marks.delete(marks.keys().next().value!);
  };
  return {
    see(entry: Extract<FeedEntry, { type: 'job.started' | 'job.finished' }>): void {
      if (entry.type === 'job.started') mark(entry.reference_id, 'running');
      else
        mark(
          entry.reference_id,
          entry.state === 'failed' ? 'failed' : echoText({ echo_depth: entry.echo?.depth }) || null,
        );
    },
    /** Starts from what the gateway knows. */
    async read(client: ControlClient): Promise<void> {
      const [open, failed] = await Promise.all([
        client.jobs({ state: 'queued', limit: ASKED_AT_ONCE }),
        client.jobs({ state: 'failed', limit: ASKED_AT_ONCE }),
      ]);
      marks.clear();
      dirty = true;
      for (const job of [...open.items, ...failed.items].reverse()) {
        mark(job.reference_id, job.state === 'failed' ? 'failed' : 'running');
      }
    },
    /** The marks when they changed since the last call, else `null`. */
    changed() {
      if (!dirty) return null;
      dirty = false;
      // Most jobs begin and end between two looks: that is nothing to draw.
      const same = given.size === marks.size && [...marks].every(([key, value]) => given.get(key) === value);
      if (same) return null;
      given = new Map(marks);
      return given;
    },
  };
}
