import { stringifyJson } from '../../contract/json.ts';
import { sign } from '../../signing/index.ts';
import type { ProbeEvent, ProbeRequest, Receiver } from './probe.ts';

/** Compact JSON, as the documented sender writes it. */
export function toBody(event: ProbeEvent): Buffer {
  return Buffer.from(stringifyJson(event));
}

/** The wall clock in Unix seconds. */
export function now(): number {
  return Math.floor(Date.now() / 1000);
}

export interface Spoiling {
  /** Signs instead of the right secret. */
  secret?: string;
  /** Unix seconds; the present by default. */
  t?: number;
  /** Sent instead of the event written compactly; what is sent is signed. */
  body?: Buffer;
}

/** An event with a signature that fits what is sent. */
export function signedRequest(receiver: Receiver, event: ProbeEvent, spoiling: Spoiling = {}): ProbeRequest {
  const body = spoiling.body ?? toBody(event);
  const signature = sign(body, spoiling.secret ?? receiver.secret, { timestamp: spoiling.t ?? now() });
  return { body, signature, event };
}
