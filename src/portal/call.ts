import { createParser } from 'eventsource-parser';
import { buildRequest } from '../client/build-request.ts';
import type { CallName } from '../contract/control/calls.ts';
import { fromWire } from '../contract/control/direction.ts';
import type { CallInput, ControlAnswer, JsonCall } from '../contract/control/routes.ts';
import type { FeedEntry } from '../contract/control.ts';

/** A call that was refused, or that nobody answered; the message is for people. */
export class CallError extends Error {
  /** HTTP status; 0 when nobody answered. */
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Makes calls of the control API, as the command line does.
 *
 * @throws CallError; the signal's reason when it is aborted.
 */
export function createCaller(token: string) {
  return async <N extends JsonCall>(name: N, input: CallInput<N>, signal?: AbortSignal) => {
    const response = await request(token, name, input, signal);
    return fromWire(await response.json()) as ControlAnswer<N>;
  };
}

export type Caller = ReturnType<typeof createCaller>;

async function request<N extends CallName>(
  token: string,
  name: N,
  input: CallInput<N>,
  signal?: AbortSignal,
  since = '',
): Promise<Response> {
  const { method, path, body } = buildRequest(name, input);
  const response = await fetch(path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(since && { 'last-event-id': since }),
    },
    body: JSON.stringify(body),
    signal,
    redirect: 'error',
    credentials: 'omit',
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new CallError(0, 'The gateway does not answer. Is carvos dev still running?');
  });
  if (response.ok) return response;
  throw new CallError(response.status, describeRefusal(response.status, await response.text()));
}

function describeRefusal(status: number, text: string): string {
  try {
    const { detail } = JSON.parse(text) as { detail: string | { loc: unknown[]; msg: string }[] };
    if (typeof detail === 'string') return detail;
    // Of what is no JSON the place is a number of characters, which says nothing.
    const place = (loc: unknown[]) => loc.slice(1).join('.').replace(/^\d+$/, '') || 'body';
    return detail.map(({ loc, msg }) => `${place(loc)}: ${msg}`).join('; ');
  } catch {
    return `The gateway answered with status ${status}`;
  }
}

const RECONNECT_MS = 1000;

/**
 * Follows the live feed until the token is refused; a lost one is opened again. A tab that is hidden has none: browsers
 * keep six connections to a host, for all tabs together, and the feeds of six would leave none for anything else.
 *
 * @param onNews `open`: the tab is shown again, and nothing was missed. `gap`: what is shown is read again.
 */
export async function followFeed(
  token: string,
  onNews: (news: FeedEntry | 'open' | 'gap' | 'lost' | 'refused') => void,
): Promise<void> {
  let last = '';
  while (true) {
    const hidden = await whenShown();
    while (!hidden.aborted) {
      try {
        const response = await request(token, 'feed', {}, hidden, last);
        const parser = createParser({
          onEvent({ event, id, data }) {
            if (event === undefined) onNews(fromWire(JSON.parse(data)) as FeedEntry);
            else onNews(last && event !== 'gap' ? 'open' : 'gap');
            last = id ?? '';
          },
        });
        const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
        for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read())
          parser.feed(chunk.value);
      } catch (error) {
        if (error instanceof CallError && error.status === 401) return onNews('refused');
      }
      if (hidden.aborted) break;
      onNews('lost');
      last = '';
      await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
    }
  }
}

/** Waits until the tab is shown. @returns a signal that is aborted when it is hidden again. */
async function whenShown(): Promise<AbortSignal> {
  const change = () =>
    new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }));
  while (document.hidden) await change();
  const hidden = new AbortController();
  void change().then(() => hidden.abort());
  return hidden.signal;
}
