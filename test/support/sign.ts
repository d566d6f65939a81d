import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** HMAC-SHA256 in hex, of the parts one after the other; node's own and none of ours. */
export function hmacHex(secret: string | Uint8Array, ...parts: (string | Uint8Array)[]): string {
  const hmac = createHmac('sha256', secret);
  for (const part of parts) hmac.update(part);
  return hmac.digest('hex');
}

/** Signed as the guides say. @param t Unix seconds */
export function signLikeTheGuides(
  body: string | Uint8Array,
  secret: string,
  t = Math.floor(Date.now() / 1000),
): string {
  return `t=${t},v1=${hmacHex(secret, `${t}.`, body)}`;
}

/** Whether the signature is `t=…,v1=…` to the letter and right, and its time in Unix seconds; `NaN` without one. */
export function judgeSignature(
  { headers, body }: { headers: IncomingHttpHeaders; body: Uint8Array },
  secret: string,
): { signed: boolean; t: number } {
  const header = String(headers['x-webhook-signature']);
  const [, t] = /^t=(\d+),v1=[0-9a-f]{64}$/.exec(header) ?? [];
  if (t === undefined) return { signed: false, t: Number.NaN };
  return { signed: header === `t=${t},v1=${hmacHex(secret, `${t}.`, body)}`, t: Number(t) };
}
