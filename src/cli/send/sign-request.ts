import { randomBytes } from 'node:crypto';
import {
  actsAt,
  FAULT_KINDS,
  type FAULTS,
  type FaultKind,
  kindTexts,
  OFF_BY_SECONDS,
  tamperBody,
} from '../../contract/faults.ts';
import { SIGNATURE_HEADER, sign } from '../../signing/index.ts';
import { offering } from '../input/flags.ts';
import { CliError, didYouMean } from '../terminal/errors.ts';

export const SEND_KINDS = FAULT_KINDS.filter((kind) => actsAt(kind, 'send')) as SendFault[];
export type SendFault = {
  [K in FaultKind]: 'send' extends (typeof FAULTS)[K]['places'][number] ? K : never;
}[FaultKind];

/**
 * Reads `--fault`.
 *
 * @throws CliError (exit 2).
 */
export const parseSendFault = offering(kindTexts(SEND_KINDS), (text: string): SendFault => {
  if ((SEND_KINDS as readonly string[]).includes(text)) return text as SendFault;
  const next = `choose one of ${SEND_KINDS.join(', ')}`;
  if ((FAULT_KINDS as readonly string[]).includes(text)) {
    throw new CliError(`${text} is a fault of the gateway, not of a single send`, {
      next,
    });
  }
  throw new CliError(`there is no fault ${text}.${didYouMean(text, SEND_KINDS)}`, { next });
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
  fault: SendFault | undefined,
): SignedRequest {
  const signed = (signature: string, sent = body, times = 1): SignedRequest => ({
    body: sent,
    headers: { 'Content-Type': 'application/json', [SIGNATURE_HEADER]: signature },
    times,
  });
  const good = (timestamp = now) => sign(body, secret, { timestamp });
  switch (fault) {
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
