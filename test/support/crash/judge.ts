import { execFileSync } from 'node:child_process';
import type { Arrival } from './receiver.ts';

/** What the database must say after everything. */
export interface Verdict {
  problems: string[];
  events: number;
  attempts: number;
  interrupted: number;
  /** Events that were accepted more than once. */
  duplicates: number;
  /** Of these, how many are explained: by an attempt that was cut off, or by a `duplicate` on purpose. */
  explained: number;
}

/** What is in a database, as Python's SQLite reads it. */
export interface Content {
  problems: string[];
  /** `user_version` */
  version: number;
  references: string[];
  records: number;
  /** Jobs and deliveries that are not at their end. */
  open: number;
  /** Events without a job or without the record of their request. */
  halves: number;
}

/** Asks judge.py, which shares nothing with carvos. */
export interface Judge {
  /**
   * Compares what was promised, what came and what is written down.
   *
   * @param promised each event's number with the reference of its 202.
   * @param cutOff event ids whose attempt was killed before it was answered.
   */
  judgeLoad(
    file: string,
    promised: ReadonlyMap<number, string>,
    arrivals: readonly Arrival[],
    cutOff: ReadonlySet<string>,
  ): Verdict;
  readContent(file: string): Content;
  /** Gives a database so many more records, and makes all of them young. */
  enlarge(file: string, records: number): void;
}

/** @param script judge.py */
export function createJudge(script: string): Judge {
  const ask = (question: object) =>
    JSON.parse(
      execFileSync('python3', ['-S', script], {
        input: JSON.stringify(question),
        encoding: 'utf8',
        maxBuffer: 256 * 1024 * 1024,
      }),
    );
  return {
    judgeLoad: (file, promised, arrivals, cutOff) =>
      ask({ ask: 'load', file, promised: [...promised], arrivals, cutOff: [...cutOff] }),
    readContent: (file) => ask({ ask: 'content', file }),
    enlarge: (file, records) => ask({ ask: 'enlarge', file, records }),
  };
}
