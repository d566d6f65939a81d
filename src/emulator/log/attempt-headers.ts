import {
  CAUSATION_HEADER,
  EVENT_HEADER,
  OUTGOING_CONTENT_TYPE,
  TEST_HEADER,
  userAgent,
} from '../../contract/outgoing-headers.ts';
import { VERSION } from '../../contract/version.ts';
import { readTarget } from '../delivery/target.ts';
import type { DeliveryRow } from '../store/deliveries.ts';
import type { LogRow } from '../store/log.ts';

const USER_AGENT = userAgent(VERSION);

/**
 * What the log keeps of an attempt's headers, as JSON: what the version of carvos decides. The other columns of
 * the row tell the rest.
 */
export const LOGGED_REQUEST = JSON.stringify({
  'Content-Type': OUTGOING_CONTENT_TYPE,
  'User-Agent': USER_AGENT,
});

/** What stands in the log instead of a value. */
const MASKED = '[masked]';

/**
 * The same with headers of the user's own, whose values may open doors, and with the event where another header
 * than ours names it.
 */
export function logRequestHeaders(masked: readonly string[], named: Record<string, string> = {}): string {
  const own = Object.fromEntries(masked.map((name) => [name, MASKED]));
  return JSON.stringify({ ...(JSON.parse(LOGGED_REQUEST) as object), ...named, ...own });
}

/** As sent; the signature is apart. `Host` where it is known. */
export function outgoingHeaders(
  delivery: Pick<DeliveryRow, 'event' | 'reference_id' | 'test'>,
  url: string,
  eventHeader: string = EVENT_HEADER,
): Record<string, string> {
  const headers: Record<string, string> = {
    'Content-Type': OUTGOING_CONTENT_TYPE,
    'User-Agent': USER_AGENT,
    [eventHeader]: delivery.event,
    [CAUSATION_HEADER]: delivery.reference_id,
  };
  const target = readTarget(url);
  if (target) headers.Host = target.host;
  if (delivery.test) headers[TEST_HEADER] = 'true';
  return headers;
}

/** The headers of a logged request: of an attempt, as they were sent. */
export function requestHeadersOf(row: LogRow): Record<string, string> {
  const logged = JSON.parse(row.request_headers) as Record<string, string>;
  if (row.direction === 'incoming') return logged;
  const { event, reference_id, test } = row;
  const eventHeader = Object.keys(logged).find((name) => logged[name] === event);
  return {
    ...outgoingHeaders({ event: event!, reference_id: reference_id!, test }, row.url, eventHeader),
    ...logged,
  };
}

const LOGGED_ANSWER = new Set(['content-type', 'content-length', 'retry-after']);
const RATE_LIMIT = /^(x-)?ratelimit(-\w+)*$/;

/** Of the answer's headers only these are kept (contract, section 6): never cookies or credentials. */
export function loggedAnswerHeaders(headers: Record<string, string>): Record<string, string> {
  const logged: Record<string, string> = {};
  for (const name in headers) {
    if (LOGGED_ANSWER.has(name) || RATE_LIMIT.test(name)) logged[name] = headers[name]!;
  }
  return logged;
}
