import { setImmediate } from 'node:timers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DiagnosisView } from '../../contract/diagnosis.ts';
import type { DiagnoseOptions, DiagnosisSecret } from '../../signing/index.ts';
import { verify } from '../../signing/verify.ts';
import type { Ats, AtsRegistry } from '../ats/registry.ts';
import type { SecretDirection } from '../store/ats.ts';
import { type LogRow, setDiagnosis } from '../store/log.ts';
import type { Store } from '../store/store.ts';
import { wallNow } from '../time/wall.ts';
import { cutFrom } from './refused-bodies.ts';
import { bodyOf } from './view-record.ts';

/** Looks for the mistake behind a signature that was refused, beside the work of the gateway. */
export type RecordDiagnoser = ReturnType<typeof createRecordDiagnoser>;

export type Question = Pick<DiagnoseOptions, 'computed' | 'now' | 'tolerance'>;

/** Time spent on one record by itself, and how many may wait: a flood of bad signatures must cost little. */
const BUDGET = 40_000;
const MOST_WAITING = 4;

interface Task {
  row: LogRow;
  options: DiagnoseOptions;
  done(diagnosis: DiagnosisView | null): void;
}

export function createRecordDiagnoser(parts: {
  store: Store;
  registry: AtsRegistry;
  onError(error: unknown): void;
}) {
  const { store, registry, onError } = parts;
  const waiting: Task[] = [];
  const open = new Set<Promise<unknown>>();
  let running = false;
  let stopped = false;

  const optionsFor = (row: LogRow, question: Question): DiagnoseOptions | null => {
    const ats = row.ats_id === null ? undefined : registry.get(row.ats_id);
    // Half a body says nothing.
    if (!ats || cutFrom(row) !== null) return null;
    const incoming = row.direction === 'incoming';
    const body = bodyOf(store, row);
    const secrets = secretsOf(ats, incoming ? 'incoming' : 'outgoing');
    return {
      body,
      header: row.signature,
      secrets: question.computed === undefined ? secrets : asSigned(secrets, body, row.signature),
      side: incoming ? 'sender' : 'receiver',
      now: Math.floor(row.occurred_at / 1000),
      ...question,
    };
  };

  /** One step per turn of the event loop: requests and deliveries come in between. */
  const inTurns = async (options: DiagnoseOptions, done: (diagnosis: DiagnosisView | null) => void) => {
    const giveUp = (error: unknown) => {
      onError(error);
      done(null);
    };
    try {
      // A sixth of the gateway, which most never need.
      const { diagnoseInSteps } = await import('../../signing/diagnose/diagnose.ts');
      const steps = diagnoseInSteps(options);
      const turn = () => {
        if (stopped) return done(null);
        try {
          const step = steps.next();
          if (step.done) done(step.value);
          else setImmediate(turn);
        } catch (error) {
          giveUp(error);
        }
      };
      setImmediate(turn);
    } catch (error) {
      // For want of a file descriptor, say.
      giveUp(error);
    }
  };

  const next = () => {
    const task = waiting.shift();
    running = task !== undefined;
    if (task === undefined) return;
    void inTurns(task.options, (diagnosis) => {
      // A value that is right says nothing about why it was refused.
      if (diagnosis === null || diagnosis.verdict === 'valid' || stopped) task.done(null);
      else {
        store.group
          .submit(() => setDiagnosis(store, task.row, JSON.stringify(diagnosis)))
          .catch(onError)
          .finally(() => task.done(diagnosis));
      }
      next();
    });
  };

  return {
    /**
     * Diagnoses a record of the log and stores the result with it. Resolves with `null` when too many are
     * waiting, when the ATS is unknown, or when there is nothing to diagnose.
     *
     * @param computed what the receiver computed, for a record of an attempt.
     */
    diagnose(row: LogRow, computed?: string): Promise<DiagnosisView | null> {
      const options = waiting.length < MOST_WAITING && !stopped ? optionsFor(row, { computed }) : null;
      if (options === null) return Promise.resolve(null);
      const explained = new Promise<DiagnosisView | null>((done) => {
        waiting.push({ row, options: { ...options, budget: BUDGET }, done });
        if (!running) next();
      });
      open.add(explained);
      return explained.finally(() => open.delete(explained));
    },
    /** Resolves when nothing is being looked into that `diagnose` was asked for, and whoever asked was answered. */
    async settled(): Promise<void> {
      // Whoever was answered tells it in the turn after.
      for (; open.size > 0; await nextTurn()) await Promise.all(open);
    },
    /** The same at once and in full, for somebody who asks; nothing is stored. `null` for an unknown ATS or a body of which only a part is kept. */
    answer(row: LogRow, question: Question): Promise<DiagnosisView | null> {
      const options = optionsFor(row, question);
      return options === null ? Promise.resolve(null) : new Promise((done) => void inTurns(options, done));
    },
    /** Gives up what is waiting. */
    stop(): void {
      stopped = true;
      for (const task of waiting.splice(0)) task.done(null);
    },
  };
}

function secretsOf(ats: Ats, direction: SecretDirection): DiagnosisSecret[] {
  const now = wallNow();
  const other = direction === 'incoming' ? 'outgoing' : 'incoming';
  return [
    ...ats.secrets[direction].map(({ value, retired_at, valid_until }): DiagnosisSecret => {
      const valid = retired_at === null || (valid_until !== null && valid_until > now);
      return { value, role: valid ? 'expected' : 'previous' };
    }),
    ...ats.secrets[other]
      .slice(0, 1)
      .map(({ value }): DiagnosisSecret => ({ value, role: 'other_direction' })),
  ];
}

/** The newest first: of those that still verify, what a receiver computes is right with the one alone that signed. */
function asSigned(secrets: DiagnosisSecret[], body: Uint8Array, header: string | null): DiagnosisSecret[] {
  const hasSigned = ({ value, role }: DiagnosisSecret) =>
    role === 'expected' && verify({ body, header, secret: value, tolerance: Number.POSITIVE_INFINITY }).valid;
  const [signer, ...older] = secrets.slice(Math.max(0, secrets.findIndex(hasSigned)));
  return [
    signer!,
    ...older.map((one) => (one.role === 'expected' ? { ...one, role: 'previous' as const } : one)),
  ];
}
