import { createHash } from 'node:crypto';
import { parseJson } from '../../contract/json.ts';
import type { Exchange } from '../recordings/exchange.ts';
import { asFields, type Fields } from '../recordings/fields.ts';

/** What is remembered from one request to the next. Bounded by the size of a recording. */
export interface History {
  /** What ids of events and idempotency keys were sent with, and what was answered. */
  sent: Map<string, { hash: string; reference: string | null }>;
  /** Names of fields that the ATS itself sent, by entity. */
  ownFields: Map<string, Set<string>>;
  /** Attempts of outgoing events: hash of the bytes, and `t`. */
  attempts: Map<string, { hash: string; t: string | null }>;
}

/** Of HTTP and of what stands between. */
export const USUAL_HEADER =
  /^(?::.*|host|connection|content-.*|transfer-encoding|user-agent|accept.*|date|via|forwarded|traceparent|tracestate|x-forwarded-.*|x-real-ip|x-request-id|cf-.*|x-webhook-signature|x-carv-causation-id|x-carvos-test|x-carv-event)$/i;

/** An object in JSON; `null` for anything else. */
export function readBody(bytes: Buffer | null): Fields | null {
  if (bytes === null || bytes.length === 0) return null;
  const parsed = parseJson(bytes, 'plain');
  return parsed.ok && !Array.isArray(parsed.value) ? asFields(parsed.value) : null;
}

export const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('base64');

/** Names of fields whose values are people, or open doors. */
const PRIVATE = /name|mail|phone|_id$|key|token|secret|password|headline|location/i;
const MOST_SAID = 50_000;

/** Collects what must not come to stand in a facts file, in lower case: values of such fields and of headers. */
export function collectSaid(said: Set<string>, { headers, answer }: Exchange, body: Fields | null): void {
  const add = (text: string) => {
    if (said.size < MOST_SAID) said.add(text.toLowerCase());
  };
  const walk = (value: unknown, name: string, depth: number): void => {
    if (typeof value === 'string') {
      if (PRIVATE.test(name)) add(value);
    } else if (typeof value === 'object' && value !== null && depth < 6)
      for (const [key, one] of Object.entries(value)) walk(one, Array.isArray(value) ? name : key, depth + 1);
  };
  for (const [name, value] of headers) if (PRIVATE.test(name)) add(value);
  walk(body, '', 0);
  walk(answer === null ? null : readBody(answer.body), '', 0);
}
