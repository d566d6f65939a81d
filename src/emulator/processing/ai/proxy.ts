import { Agent } from 'undici';
import { AI_PREFIX, MAX_AI_ANSWER_BYTES, readAnswer } from '../../../contract/ai.ts';
import { stringifyJson } from '../../../contract/json.ts';
import { userAgent } from '../../../contract/outgoing-headers.ts';
import { VERSION } from '../../../contract/version.ts';
import { SIGNATURE_HEADER } from '../../../signing/header.ts';
import { sign } from '../../../signing/sign.ts';
import { classifyFailure } from '../../../transport/connection-failures.ts';
import { followSignal } from '../../../transport/follow-signal.ts';
import { readBounded } from '../../../transport/kept-bytes.ts';
import { limitBySignal } from '../../../transport/limit-time.ts';
import { isBeingLookedUp, lookUpOf } from '../../../transport/name-lookup.ts';
import { wallNow } from '../../time/wall.ts';
import type { AiAnswered, AiJob, AiSession, Asking } from '../backend.ts';
import { askStub } from '../stub/stub.ts';
import { untilAborted } from '../until-aborted.ts';
import { describeRequest, subjectOf } from './describe-request.ts';
import { createLimiter } from './limiter.ts';
import type { AiLinks } from './links.ts';
import type { AiSettings } from './options.ts';

/** Longest wait that a Retry-After can ask for. */
export const MAX_RETRY_AFTER_MS = 60_000;

/** The backend that is a service of the user's. @param gatewayUrl where the links lie, when the settings do not say. */
export function createProxy(links: AiLinks, gatewayUrl: () => string) {
  let agent: Agent | undefined;
  const limiter = createLimiter();

  return {
    open(job: AiJob, settings: AiSettings): AiSession {
      const read = (body: Uint8Array) => readAnswer(body, job.event, subjectOf(job));
      // One for all attempts: whichever of them the service works on, its first answer counts.
      const callback = links.openCallback(read);
      const base = `${(settings.gatewayUrl ?? gatewayUrl()).replace(/\/+$/, '')}${AI_PREFIX}`;

      async function post(attempt: number, signal: AbortSignal, asking: Asking): Promise<Posted> {
        const file = links.openFile(job);
        const described = describeRequest(job);
        const body = Buffer.from(
          stringifyJson({
            ...described,
            cv: described.cv && { ...described.cv, url: `${base}/files/${file}` },
            attempt,
            callback_url: `${base}/callbacks/${callback.token}`,
          }),
        );
        const leave = await limiter.enter(settings.concurrency, signal);
        // Not within the `try`: what cannot be written down is no trouble of the service's.
        await asking('service').catch((error) => {
          leave();
          throw error;
        });
        // Counted from here: waiting for one's turn is not the service's time.
        const { signal: limit, callOff } = limitBySignal(settings.timeoutMs);
        try {
          const { origin, hostname, pathname, search } = new URL(settings.url!);
          agent ??= newAgent(hostname);
          const response = await agent.request({
            origin,
            path: `${pathname}${search}`,
            method: 'POST',
            headers: {
              'content-type': 'application/json',
              'user-agent': userAgent(VERSION),
              [SIGNATURE_HEADER]: sign(body, settings.secret, { timestamp: Math.floor(wallNow() / 1000) }),
            },
            body,
            signal: AbortSignal.any([signal, limit]),
          });
          const { statusCode: status, headers } = response;
          const text = await readBounded(response.body, MAX_AI_ANSWER_BYTES);
          if (text === null) return { kind: 'bad', message: 'the answer is larger than 1 MiB' };
          if (status === 202) return { kind: 'accepted' };
          if (status !== 200)
            return { kind: 'status', status, retryAfterMs: retryAfterOf(headers['retry-after']) };
          return read(text);
        } catch (error) {
          if (signal.aborted) throw signal.reason;
          if (limit.aborted) {
            const what = isBeingLookedUp(new URL(settings.url!).hostname)
              ? 'its host name was not resolved'
              : 'no answer';
            return { kind: 'timeout', message: `${what} within ${settings.timeoutMs / 1000} s` };
          }
          return { kind: 'lost', message: classifyFailure(error).message };
        } finally {
          callOff();
          leave();
        }
      }

      async function called(signal: AbortSignal): Promise<AiAnswered | Default> {
        const { signal: limit, callOff } = limitBySignal(settings.callbackTimeoutMs);
        try {
          const answer = await untilAborted(callback.answer, AbortSignal.any([signal, limit]));
          return answer as AiAnswered | Default;
        } catch (error) {
          if (!limit.aborted) throw error;
          const { problem } = callback;
          if (problem !== null) return { kind: 'bad', message: `by callback: ${problem}` };
          const seconds = settings.callbackTimeoutMs / 1000;
          return { kind: 'timeout', message: `accepted with 202, but no callback within ${seconds} s` };
        } finally {
          callOff();
        }
      }

      return {
        async ask(attempt, signal, asking) {
          const own = followSignal(signal);
          const early = new AbortController();
          const both = AbortSignal.any([own.signal, early.signal]);
          const byCallback = callback.answer.then((answer) => ({ by: BY_CALLBACK, answer }));
          const byAnswer = post(attempt, both, asking).then((answer) => ({ by: 'service', answer }));
          byAnswer.catch(() => {}); // given up where the callback came first
          try {
            let { by, answer }: { by: string; answer: Posted } = await Promise.race([byCallback, byAnswer]);
            early.abort();
            if (answer.kind === 'accepted') {
              by = BY_CALLBACK;
              answer = await called(own.signal);
            }
            if (answer.kind === 'default') answer = await askStub(job, signal);
            return { by, answer };
          } finally {
            own.letGo();
          }
        },
        close: callback.close,
      };
    },
    async close() {
      await agent?.destroy();
      agent = undefined;
    },
  };
}

const BY_CALLBACK = 'service (callback)';

type Default = { kind: 'default' };
type Posted = AiAnswered | Default | { kind: 'accepted' };

function newAgent(host: string): Agent {
  return new Agent({
    pipelining: 1,
    keepAliveTimeout: 1000,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { ...lookUpOf(host), autoSelectFamily: true },
  });
}

/** Seconds or a date, in milliseconds from now, bounded. */
function retryAfterOf(header: string | string[] | undefined): number | null {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return null;
  const ms = /^\d{1,9}$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - wallNow();
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS) : null;
}
