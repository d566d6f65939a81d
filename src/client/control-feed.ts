import { setTimeout as delay } from 'node:timers/promises';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { fromWire } from '../contract/control/direction.ts';
import type { FeedEntry } from '../contract/control.ts';
import { buildRequest } from './build-request.ts';
import { ForeignAnswerError, UnreachableError } from './errors.ts';
import { type ControlTarget, openStream } from './http-json.ts';

export interface FeedOptions {
  /** How long a lost connection is tried again before it is an error, in milliseconds. */
  reconnectForMs?: number;
  onState?: (state: 'open' | 'lost') => void;
  /**
   * Called when entries were missed that the server no longer remembers: read the log again. The feed goes
   * on when the promise settles.
   */
  onGap?: () => void | Promise<void>;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 2_000;
/** Longest event that is kept, in characters: a server that never ends one must not fill memory. */
const MAX_EVENT_LENGTH = 16 * 1024 * 1024;

/**
 * The live feed, from now on. Ends when `signal` is aborted. A lost connection is opened again with
 * `Last-Event-ID`; what happened meanwhile comes as far as the server remembers it, else `onGap` is called.
 *
 * @throws UnreachableError when the first connection fails, or a lost one stays lost for
 *   `reconnectForMs` (30 s by default); ControlError when the server refuses;
 *   ForeignAnswerError for what is no feed of a gateway of this version.
 */
export async function* followFeed(
  target: ControlTarget,
  signal: AbortSignal,
  options: FeedOptions = {},
): AsyncGenerator<FeedEntry, void, undefined> {
  const patience = options.reconnectForMs ?? 30_000;
  let last: number | undefined;
  let lostAt: number | null = null;
  let wait = FIRST_DELAY_MS;
  const [{ readAnswer }, { FeedEntry: Entry }] = await Promise.all([
    import('../contract/control/routes.ts'),
    import('../contract/control.ts'),
  ]);
  const foreign = (found: string) => new ForeignAnswerError(target.url.origin, found);
  const readEntry = ({ data }: EventSourceMessage): FeedEntry => {
    let json: unknown;
    try {
      json = fromWire(JSON.parse(data));
    } catch {
      throw foreign(`feed, not JSON: ${data.slice(0, 200)}`);
    }
    const entry = readAnswer(Entry, json);
    if (entry.ok) return entry.value;
    throw foreign(`feed, ${entry.problem}`);
  };
  while (!signal.aborted) {
    try {
      const headers: Record<string, string> = { accept: 'text/event-stream' };
      if (last !== undefined) headers['last-event-id'] = String(last);
      const chunks = await openStream(target, 'text/event-stream', {
        ...buildRequest('feed', {}),
        signal,
        headers,
      });
      lostAt = null;
      wait = FIRST_DELAY_MS;
      options.onState?.('open');
      const decoder = new TextDecoder();
      let events: EventSourceMessage[] = [];
      const parser = createParser({
        onEvent: (event) => events.push(event),
        onError({ type }) {
          if (type === 'max-buffer-size-exceeded') throw new RangeError('an event is too long');
        },
        maxBufferSize: MAX_EVENT_LENGTH,
      });
      try {
        for await (const chunk of chunks) {
          events = [];
          parser.feed(decoder.decode(chunk, { stream: true }));
          for (const event of events) {
            if (event.event !== undefined) {
              last = Number(event.id);
              if (!Number.isSafeInteger(last)) throw foreign(`feed, id ${event.id?.slice(0, 200)}`);
              if (event.event === 'gap') await options.onGap?.();
              continue;
            }
            const entry = readEntry(event);
            last = entry.seq;
            yield entry;
          }
        }
      } catch (error) {
        // A broken connection is opened again; an answer that makes no sense is not.
        if (error instanceof ForeignAnswerError) throw error;
        if (error instanceof RangeError) throw foreign(`feed, ${error.message}`);
      }
      lostAt = Date.now();
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof UnreachableError) || lostAt === null || Date.now() - lostAt > patience)
        throw error;
    }
    if (signal.aborted) return;
    options.onState?.('lost');
    await delay(wait, undefined, { signal }).catch(() => undefined);
    wait = Math.min(wait * 2, LONGEST_DELAY_MS);
  }
}
