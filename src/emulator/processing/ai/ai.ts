import type { AppliedFault, Faults } from '../../faults/faults.ts';
import type { AiOptions } from '../../settings.ts';
import { monotonicNow, wallNow } from '../../time/wall.ts';
import type { AiAnswered, AiBackend, AiResult, AiRunner, AiSession, Asking } from '../backend.ts';
import { askStub } from '../stub/stub.ts';
import { waitWallTime } from '../wait-wall-time.ts';
import { type AiLinks, createAiLinks } from './links.ts';
import { createAiModule } from './module.ts';
import { type AiSettings, normalizeAi } from './options.ts';
import { createProxy, MAX_RETRY_AFTER_MS } from './proxy.ts';
import { playBackFrom, recordTo } from './recordings.ts';
import { rulesBefore } from './rules.ts';

/** What an attempt came to that the gateway did not live to see the end of. */
const INTERRUPTED = {
  duration_ms: 0,
  outcome: 'interrupted',
  status: null,
  error: { code: 'interrupted', message: 'the gateway stopped before there was an answer' },
} as const;
const STUB: AiBackend = {
  open: (job) => ({
    ask: async (_attempt, signal) => ({ by: 'stub', answer: await askStub(job, signal) }),
  }),
};
/** Longest pause that doubling leads to. */
const MAX_BACKOFF_MS = 30_000;

export interface AiParts {
  faults: Pick<Faults, 'decide'>;
  /** Where the gateway listens. */
  gatewayUrl(): string;
  report(level: 'info' | 'warning' | 'error', text: string): void;
  onError(error: unknown): void;
}

/** Runs jobs: faults, then rules, then recordings or a module, a service or the stub. */
export interface Ai extends AiRunner {
  readonly links: AiLinks;
  /** Applies settings; jobs that are in flight keep theirs. @returns what changed, in words. */
  apply(options: AiOptions): string[];
  close(): Promise<void>;
}

export function createAi(parts: AiParts, options: AiOptions): Ai {
  const links = createAiLinks();
  const proxy = createProxy(links, parts.gatewayUrl);
  const module = createAiModule(parts.report);
  let settings = normalizeAi(options);
  let backend = backendOf(settings);

  function backendOf(chosen: AiSettings): AiBackend {
    let inner = STUB;
    if (chosen.playback !== undefined) {
      inner = playBackFrom(chosen.playback, chosen.playbackOrStub ? STUB : null);
    } else if (chosen.mode === 'proxy') {
      inner = { open: (job) => (chosen.url === undefined ? noUrl() : proxy.open(job, chosen)) };
    } else if (chosen.mode === 'module' && chosen.module !== undefined) {
      module.use(chosen.module);
      inner = {
        open: (job) => ({
          ask: async (_attempt, signal, asking) => {
            await asking('module');
            return { by: 'module', answer: await module.ask(job, chosen.timeoutMs, signal) };
          },
        }),
      };
    }
    if (chosen.record !== undefined) inner = recordTo(chosen.record, chosen, inner, parts.onError);
    return rulesBefore(chosen.rules, inner, (text) => parts.report('warning', `the AI's ${text}`));
  }

  return {
    links,
    async process(job, signal, run) {
      const used = settings;
      const session = backend.open(job);
      try {
        for (let attempt = 1; ; attempt++) {
          const startedAt = wallNow();
          const from = monotonicNow();
          const fault = parts.faults.decide({
            on: 'ai',
            atsId: job.ats_id,
            clientId: job.client_id,
            event: job.event,
            attempt,
            replay: run.run > 1,
            incomingId: () => run.incomingId,
          });
          const begun = {
            run: run.run,
            number: run.firstNumber + attempt - 1,
            started_at: startedAt,
            fault: fault?.kind ?? null,
          };
          const asking = (by: string) => run.onAsking({ ...begun, backend: by, ...INTERRUPTED });
          const { by, answer } = await askOnce(session, fault, attempt, used, signal, asking);
          const problem = problemOf(answer);
          run.onAttempt({
            ...begun,
            backend: by,
            duration_ms: Math.round(monotonicNow() - from),
            outcome: problem === null ? 'answered' : 'failed',
            status: answer.kind === 'status' ? answer.status : null,
            error: problem,
          });
          if (!isRetryable(answer) || attempt > used.retries) return conclude(answer, problem, attempt);
          await waitWallTime(pauseAfter(answer, attempt, used.backoffMs), signal);
        }
      } finally {
        session.close?.();
      }
    },
    apply(next) {
      const before = settings;
      const after = normalizeAi(next);
      // Also where nothing changed: the module's file may have.
      const modulePath = after.mode === 'module' ? after.module : undefined;
      const isRead = modulePath !== undefined && module.use(modulePath);
      if (JSON.stringify(before) === JSON.stringify(after))
        return isRead ? ['the AI module is read again'] : [];
      settings = after;
      backend = backendOf(after);
      const changes: string[] = [];
      if (before.mode !== after.mode || before.url !== after.url || before.module !== after.module)
        changes.push(`the AI is now ${describeAi(after)}`);
      if (JSON.stringify(before.rules) !== JSON.stringify(after.rules))
        changes.push(`rules of the AI: ${after.rules.length}`);
      return changes.length > 0 ? changes : ['settings of the AI'];
    },
    async close() {
      await proxy.close();
      await module.close();
    },
  };
}

function describeAi({ mode, url, module }: AiSettings): string {
  if (mode === 'proxy' && url !== undefined) {
    // Without what may be a key.
    const { origin, pathname } = new URL(url);
    return `the service at ${origin}${pathname}`;
  }
  return mode === 'module' ? `the module ${module}` : 'the stub';
}

function noUrl(): AiSession {
  const answer: AiAnswered = { kind: 'unable', code: 'ai_no_url', message: 'no URL of an AI service is set' };
  return { ask: async () => ({ by: 'none', answer }) };
}

/** With a fault that takes the AI's place, nobody is asked. */
async function askOnce(
  session: AiSession,
  fault: AppliedFault<'ai'> | null,
  attempt: number,
  { timeoutMs }: AiSettings,
  signal: AbortSignal,
  asking: Asking,
): Promise<{ by: string; answer: AiAnswered }> {
  const instead = (answer: AiAnswered) => ({ by: 'none', answer });
  if (fault === null) return session.ask(attempt, signal, asking);
  switch (fault.kind) {
    case 'status-429':
    case 'status-500':
    case 'status-503': {
      const retryAfterMs = fault.retryAfter === null ? null : fault.retryAfter * 1000;
      return instead({ kind: 'status', status: Number(fault.kind.slice(-3)), retryAfterMs });
    }
    case 'truncated':
      return instead({ kind: 'bad', message: 'the answer is not JSON: it is cut off' });
    case 'wrong-schema':
      return instead({ kind: 'bad', message: 'the answer is JSON, but not what the contract says' });
    case 'stalled':
    case 'never': {
      await waitWallTime(timeoutMs, signal);
      const what = fault.kind === 'never' ? 'no answer' : 'the answer did not end';
      return instead({ kind: 'timeout', message: `${what} within ${timeoutMs / 1000} s` });
    }
    case 'slow':
      await waitWallTime(fault.delayMs, signal);
      return session.ask(attempt, signal, asking);
  }
}

/** What was wrong with an attempt; `null` where the AI answered, be it that it failed. */
function problemOf(answer: AiAnswered): { code: string; message: string } | null {
  switch (answer.kind) {
    case 'bad':
      return { code: 'ai_bad_answer', message: answer.message };
    case 'status': {
      const redirect = answer.status >= 300 && answer.status < 400 ? '; redirects are not followed' : '';
      const refused =
        answer.status === 401 || answer.status === 403 ? '; does it have the same CARVOS_AI_SECRET?' : '';
      return { code: 'ai_http_error', message: `the AI answered ${answer.status}${redirect}${refused}` };
    }
    case 'lost':
      return { code: 'ai_unreachable', message: answer.message };
    case 'timeout':
      return { code: 'ai_timeout', message: answer.message };
    case 'unable':
      return { code: answer.code, message: answer.message };
    default:
      return null;
  }
}

/** What may be better the next time. A timeout is not: the service may be at work on it still. */
function isRetryable(answer: AiAnswered): boolean {
  return (
    answer.kind === 'lost' || (answer.kind === 'status' && (answer.status === 429 || answer.status >= 500))
  );
}

function pauseAfter(answer: AiAnswered, attempt: number, backoffMs: number): number {
  if (answer.kind === 'status' && answer.retryAfterMs !== null)
    return Math.min(answer.retryAfterMs, MAX_RETRY_AFTER_MS);
  return Math.min(backoffMs * 2 ** (attempt - 1), MAX_BACKOFF_MS);
}

function conclude(
  answer: AiAnswered,
  problem: { code: string; message: string } | null,
  attempts: number,
): AiResult {
  if (problem === null) return answer as AiResult;
  const often = attempts > 1 ? ` (attempt ${attempts}, the last)` : '';
  return { kind: 'failure', error: { code: problem.code, message: `${problem.message}${often}` } };
}
