/** A job that waits: its place in the order of acceptance, and what it must not overtake. */
export interface QueuedJob {
  seq: number;
  presetError: string | null;
  /** The entity that it changes: jobs of one entity run one after the other, in order. */
  writes: string;
  /** Entities that it refers to: it waits for earlier jobs that change them. */
  reads: string[];
  /** Kinds of entities that it refers to without naming them: as the job before it of its own entity leaves it. */
  unnamed?: readonly string[];
}

/**
 * Open jobs in order of acceptance, and which of them may run (contract, section 5: "in order of
 * acceptance per entity; an application waits for earlier jobs of its candidate and vacancy").
 * A job may run when no earlier open job writes what it writes or reads. Several applications of one
 * vacancy only read it, so they do not wait for each other.
 */
export function createJobQueue() {
  /** Per entity the open jobs that write it, in order. */
  const writers = new Map<string, QueuedJob[]>();
  /** How many entities each waiting job still waits for, and who waits behind a writer. */
  const blockers = new Map<QueuedJob, number>();
  const behind = new Map<QueuedJob, QueuedJob[]>();
  const ready: QueuedJob[] = [];
  let head = 0;
  let size = 0;

  return {
    /** Jobs come in rising order of `seq`. Returns whether it has to wait for an earlier one. */
    add(job: QueuedJob): boolean {
      size++;
      const own = writers.get(job.writes);
      for (const key of own?.at(-1)?.reads ?? [])
        if (job.unnamed?.includes(key.split('\0', 1)[0]!) && !job.reads.includes(key)) job.reads.push(key);
      const waitFor = new Set<QueuedJob>();
      for (const key of [job.writes, ...job.reads]) {
        const last = writers.get(key)?.at(-1);
        if (last) waitFor.add(last);
      }
      if (own) own.push(job);
      else writers.set(job.writes, [job]);
      if (waitFor.size === 0) {
        ready.push(job);
        return false;
      }
      blockers.set(job, waitFor.size);
      for (const blocker of waitFor) {
        const list = behind.get(blocker);
        if (list) list.push(job);
        else behind.set(blocker, [job]);
      }
      return true;
    },
    /** Takes the first job that may run. */
    take(): QueuedJob | undefined {
      const job = ready[head];
      if (!job) return undefined;
      head++;
      if (head > 1024 && head * 2 > ready.length) {
        ready.splice(0, head);
        head = 0;
      }
      return job;
    },
    /** A taken job ended. */
    done(job: QueuedJob): void {
      size--;
      const own = writers.get(job.writes);
      if (own) {
        own.splice(own.indexOf(job), 1);
        if (own.length === 0) writers.delete(job.writes);
      }
      for (const waiting of behind.get(job) ?? []) {
        const left = blockers.get(waiting)! - 1;
        if (left > 0) {
          blockers.set(waiting, left);
        } else {
          blockers.delete(waiting);
          ready.push(waiting);
        }
      }
      behind.delete(job);
    },
    /** Jobs that were added and have not ended. */
    get size() {
      return size;
    },
  };
}
