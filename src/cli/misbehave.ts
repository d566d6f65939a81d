import { randomBytes } from 'node:crypto';
import { SIGNATURE_HEADER, sign } from '../signing/index.ts';
import { CliError, didYouMean } from './errors.ts';

/** The one vocabulary of misbehaviour. What makes sense for a single send is in SEND_KINDS. */
const ALL_KINDS = [
  'wrong-signature',
  'wrong-secret',
  'stale',
  'future',
  'tampered-body',
  'duplicate',
  'reorder',
  'delay',
  'lost-ack',
  'reset',
  'status-429',
  'status-500',
  'status-503',
  'slow',
] as const;

export const SEND_KINDS = [
  'wrong-signature',
  'wrong-secret',
  'stale',
  'future',
  'tampered-body',
  'duplicate',
] as const;
export type SendMisbehaviour = (typeof SEND_KINDS)[number];

/** Seconds that `stale` and `future` are off: beyond any tolerance in use. */
const OFF_BY_SECONDS = 3600;

/**
 * Reads `--misbehave`.
 *
 * @throws CliError (exit 2).
 */
export function parseMisbehaviour(text: string): SendMisbehaviour {
  if ((SEND_KINDS as readonly string[]).includes(text)) return text as SendMisbehaviour;
  const next = `choose one of ${SEND_KINDS.join(', ')}`;
  if ((ALL_KINDS as readonly string[]).includes(text)) {
    throw new CliError(
      `--misbehave ${text} is how CarvOS misbehaves towards a receiver, not what one send can do`,
      { next },
    );
  }
  throw new CliError(`--misbehave: there is no kind ${text}.${didYouMean(text, SEND_KINDS)}`, { next });
}

export interface SignedRequest {
  body: Buffer;
  headers: Record<string, string>;
  /** How often it is sent. */
  times: number;
}

/** Signs a body and, if asked, spoils exactly one thing about it. */
export function signRequest(
  body: Buffer,
  secret: string,
  now: number,
  misbehaviour: SendMisbehaviour | undefined,
): SignedRequest {
  const signed = (signature: string, sent = body, times = 1): SignedRequest => ({
    body: sent,
    headers: { 'Content-Type': 'application/json', [SIGNATURE_HEADER]: signature },
    times,
  });
  const good = (timestamp = now) => sign(body, secret, { timestamp });
  switch (misbehaviour) {
    case 'wrong-signature':
      return signed(`t=${now},v1=${randomBytes(32).toString('hex')}`);
    case 'wrong-secret':
      return signed(sign(body, randomBytes(32).toString('hex'), { timestamp: now }));
    case 'stale':
      return signed(good(now - OFF_BY_SECONDS));
    case 'future':
      return signed(good(now + OFF_BY_SECONDS));
    case 'tampered-body':
      return signed(good(), tamper(body));
    case 'duplicate':
      return signed(good(), body, 2);
    case undefined:
      return signed(good());
  }
}

/** Changes one letter or digit, the last one inside quotes, so that JSON stays JSON. */
function tamper(body: Buffer): Buffer {
  const text = body.toString('latin1');
  const inString = [...text.matchAll(/[a-zA-Z0-9](?="\s*[,}\]])/g)].at(-1);
  if (inString === undefined) return Buffer.concat([body, Buffer.from(' ')]);
  const changed = Buffer.from(body);
  changed[inString.index] = text[inString.index] === 'x' ? 0x79 : 0x78;
  return changed;
}
