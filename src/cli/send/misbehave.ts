import { randomBytes } from 'node:crypto';
import {
  actsAt,
  FAULT_KINDS,
  type FaultKind,
  kindTexts,
  type MISBEHAVIOURS,
  OFF_BY_SECONDS,
  tamperBody,
} from '../../contract/misbehaviour.ts';
import { SIGNATURE_HEADER, sign } from '../../signing/index.ts';
import { offering } from '../input/offer.ts';
import { CliError, didYouMean } from '../terminal/errors.ts';

export const SEND_KINDS = FAULT_KINDS.filter((kind) => actsAt(kind, 'send')) as SendMisbehaviour[];
/** What one send can do wrong. */
export type SendMisbehaviour = {
  [K in FaultKind]: 'send' extends (typeof MISBEHAVIOURS)[K]['places'][number] ? K : never;
}[FaultKind];

/**
 * Reads `--misbehave`.
 *
 * @throws CliError (exit 2).
 */
export const parseMisbehaviour = offering(kindTexts(SEND_KINDS), (text: string): SendMisbehaviour => {
  if ((SEND_KINDS as readonly string[]).includes(text)) return text as SendMisbehaviour;
  const next = `choose one of ${SEND_KINDS.join(', ')}`;
  if ((FAULT_KINDS as readonly string[]).includes(text)) {
    throw new CliError(
      `--misbehave ${text} is how the gateway misbehaves (carvos fault), not what one send can do`,
      { next },
    );
  }
  throw new CliError(`--misbehave: there is no kind ${text}.${didYouMean(text, SEND_KINDS)}`, { next });
});

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
      return signed(good(), Buffer.from(tamperBody(body)));
    case 'duplicate':
      return signed(good(), body, 2);
    case undefined:
      return signed(good());
  }
}
