import { type PostOptions, postBytes } from '../../src/client/post-bytes.ts';
import { signLikeTheGuides } from './sign.ts';

/** Posts JSON as a sender does, signed as the guides say. `timestamp` in Unix seconds; the present by default. */
export function postSigned({
  secret,
  timestamp,
  ...options
}: PostOptions & { secret: string; timestamp?: number }) {
  const signature = signLikeTheGuides(options.body, secret, timestamp);
  return postBytes({
    ...options,
    headers: { 'Content-Type': 'application/json', 'X-Webhook-Signature': signature },
  });
}
