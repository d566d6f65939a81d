import { setTimeout } from 'node:timers/promises';
import { headersOfEvent, userAgent } from '../../contract/outgoing-headers.ts';
import { VERSION } from '../../contract/version.ts';
import { SIGNATURE_HEADER } from '../../signing/index.ts';
import { findProxy, type ProxyRules } from '../../transport/proxy.ts';
import type { ReceiverTls } from '../../transport/receiver-tls.ts';
import { type PostResult, postBytes } from '../post-bytes.ts';
import { readShown } from './certificate.ts';
import { type ProbeEvent, type ProbeRequest, type Receiver, StateError } from './probe.ts';
import { findStackTrace } from './stack-trace.ts';

export interface ReceiverOptions {
  url: URL;
  secret: string;
  incomingSecret: string | null;
  ownBodies: readonly Buffer[] | null;
  state: URL | null;
  /** Limit on a whole answer in milliseconds. */
  timeoutMs: number;
  /** Whether requests carry the header of a test event. */
  testHeader: boolean;
  /** How the certificate is judged; as Node does by default. */
  tls?: ReceiverTls;
  /** What requests go through. */
  proxies?: ProxyRules;
  /** Sent beside ours, to the receiver alone. */
  headers?: Record<string, string>;
  /** The header that names the event, where it is another than ours. */
  eventHeader?: string | undefined;
  fresh(event?: string): ProbeEvent;
}

/** Why there was no complete answer. */
export type Failure = PostResult & { ok: false };

/** Bytes of an answer that are kept; a longer one is no success, since its end was not seen. */
const ANSWER_LIMIT = 1024 * 1024;
/** Bytes of an answer that are searched for a stack trace. */
const SEARCHED_BYTES = 64 * 1024;
/** The state holds still when it is the same this often in a row. */
const STILL_READS = 4;
const STILL_PAUSE_MS = 100;
/** Shortest secret that is hidden in answers; a shorter one would be found in every text. */
const SHORTEST_HIDDEN = 4;

/** A receiver for probes, over a whole check: posts, and notes what went wrong and what leaked. */
export function watchReceiver(options: ReceiverOptions) {
  const { url, secret, incomingSecret, ownBodies, timeoutMs, tls, proxies, fresh } = options;
  const proxy = proxies && findProxy(proxies, url)?.url;
  const hide = hider([secret, incomingSecret]);
  const leaks: string[] = [];
  let requests = 0;
  let answers = 0;
  let failure: Failure | null = null;

  const post = async (request: ProbeRequest, what: string): Promise<PostResult> => {
    requests++;
    const result = await postBytes({
      ...{ url, timeoutMs, tls, proxy, body: request.body, cutAt: request.cutAt },
      headers: {
        ...headersOfEvent(request.event ?? {}, {
          version: VERSION,
          test: options.testHeader,
          eventHeader: options.eventHeader,
        }),
        ...(request.signature !== null && { [SIGNATURE_HEADER]: request.signature }),
        ...options.headers,
      },
      maxBodyBytes: ANSWER_LIMIT,
    });
    if (!result.ok) {
      // Whoever answers without end is there.
      if (result.code === 'answer_too_large') answers++;
      else failure = result;
      return result;
    }
    answers++;
    const body = hide(result.body);
    const trace = findStackTrace(body.toString('utf8', 0, SEARCHED_BYTES));
    if (trace !== null) leaks.push(`${what}: ${result.status} with "${trace}"`);
    return { ...result, body };
  };

  const receiver: Receiver = {
    ...{ url, secret, incomingSecret, ownBodies, timeoutMs, leaks, fresh, post },
    hasState: options.state !== null,
    readState: () => readStill(options.state!, options),
    async readShown() {
      if (proxy !== undefined) return 'it is behind a proxy, and was not looked at';
      return url.protocol === 'https:' ? await readShown(url, tls, timeoutMs) : null;
    },
  };
  return {
    receiver,
    requests: () => requests,
    /** How many of them had an answer, of whatever kind. */
    answers: () => answers,
    /** The last failed connection since the last call; `null` when every request since then had its answer. */
    takeFailure(): Failure | null {
      const taken = failure;
      failure = null;
      return taken;
    },
  };
}

/** Takes secrets out of answers: a receiver may echo what it expected. */
function hider(secrets: readonly (string | null)[]): (body: Buffer) => Buffer {
  const spelled = secrets
    .filter((secret) => secret !== null && secret.length >= SHORTEST_HIDDEN)
    .flatMap((secret) => [secret!, JSON.stringify(secret).slice(1, -1)])
    // As Latin-1, each byte is a character and comes back as it was.
    .map((secret) => Buffer.from(secret).toString('latin1'));
  return (body) => {
    const text = body.toString('latin1');
    const hidden = spelled.reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text);
    return hidden === text ? body : Buffer.from(hidden, 'latin1');
  };
}

/** Work after the answer may go on for a moment: reads until the state is the same several times in a row. */
async function readStill(url: URL, options: ReceiverOptions): Promise<Buffer> {
  const { timeoutMs } = options;
  const until = performance.now() + timeoutMs;
  let last = await readOnce(url, options);
  for (let same = 1; same < STILL_READS; ) {
    if (performance.now() > until) throw new StateError(`it does not hold still within ${timeoutMs} ms`);
    await setTimeout(STILL_PAUSE_MS);
    const next = await readOnce(url, options);
    same = next.equals(last) ? same + 1 : 1;
    last = next;
  }
  return last;
}

async function readOnce(url: URL, { timeoutMs, tls, proxies }: ReceiverOptions): Promise<Buffer> {
  const headers = { 'User-Agent': userAgent(VERSION) };
  const result = await postBytes({
    url,
    method: 'GET',
    body: Buffer.alloc(0),
    headers,
    timeoutMs,
    tls,
    proxy: proxies && findProxy(proxies, url)?.url,
    maxBodyBytes: ANSWER_LIMIT,
  });
  if (!result.ok) throw new StateError(result.message);
  if (result.status < 200 || result.status > 299) throw new StateError(`it answers ${result.status}`);
  if (result.truncated) throw new StateError(`its answer is longer than ${ANSWER_LIMIT} bytes`);
  return result.body;
}
