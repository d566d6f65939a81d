import { createHash, createHmac } from 'node:crypto';
import type { Algorithm } from './targets.ts';
import type { Mistake } from './types.ts';

/** What is hashed: key, and message in parts. */
export interface Parts {
  key: Buffer;
  before: string;
  bytes: Uint8Array | string;
  after: string;
}

/** How a digest is made of key and message. */
export interface Construction {
  mistakes: Mistake[];
  digest(algorithm: Algorithm, parts: Parts): Buffer;
}

const message = ({ before, bytes, after }: Parts) =>
  Buffer.concat([
    Buffer.from(before),
    typeof bytes === 'string' ? Buffer.from(bytes) : bytes,
    Buffer.from(after),
  ]);

export const HMAC: Construction = {
  mistakes: [],
  digest: (algorithm, { key, before, bytes, after }) =>
    createHmac(algorithm, key).update(before).update(bytes).update(after).digest(),
};

const other = (code: Mistake['code'], what: string, digest: Construction['digest']): Construction => ({
  mistakes: [{ code, what }],
  digest,
});
const plain = (what: string, order: (key: Buffer, text: Buffer) => (Buffer | string)[]) =>
  other('not_hmac', what, (algorithm, parts) => {
    const hash = createHash(algorithm);
    for (const part of order(parts.key, message(parts))) hash.update(part);
    return hash.digest();
  });

/** What is taken for HMAC of key and message, likeliest first. */
// biome-ignore format: a table, a row a line
export const CONSTRUCTIONS: readonly Construction[] = [
  other('key_and_message_swapped', 'HMAC with key and message swapped: the message as the key, the secret as the data', (algorithm, parts) => createHmac(algorithm, message(parts)).update(parts.key).digest()),
  plain('a plain hash of the message, without the secret', (_key, text) => [text]),
  plain('a plain hash of the secret and then the message', (key, text) => [key, text]),
  plain('a plain hash of the message and then the secret', (key, text) => [text, key]),
  plain('a plain hash of the secret, a dot and the message', (key, text) => [key, '.', text]),
  plain('a plain hash of the message, a dot and the secret', (key, text) => [text, '.', key]),
  plain('a plain hash of the secret, a colon and the message', (key, text) => [key, ':', text]),
  plain('a plain hash of the secret, the message and the secret', (key, text) => [key, text, key]),
  other('not_hmac', 'HMAC of the hash of the message, in hex', (algorithm, parts) => createHmac(algorithm, parts.key).update(createHash(algorithm).update(message(parts)).digest('hex')).digest()),
  other('not_hmac', 'HMAC of the hash of the message, as bytes', (algorithm, parts) => createHmac(algorithm, parts.key).update(createHash(algorithm).update(message(parts)).digest()).digest()),
  other('not_hmac', 'a hash of the HMAC', (algorithm, parts) => createHash(algorithm).update(HMAC.digest(algorithm, parts)).digest()),
  other('not_hmac', 'a hash of the hex digits of the HMAC', (algorithm, parts) => createHash(algorithm).update(HMAC.digest(algorithm, parts).toString('hex')).digest()),
  other('not_hmac', 'the HMAC of the HMAC', (algorithm, parts) => createHmac(algorithm, parts.key).update(HMAC.digest(algorithm, parts)).digest()),
  other('not_hmac', 'HMAC of the message with the secret before it', (algorithm, parts) => createHmac(algorithm, parts.key).update(parts.key).update(message(parts)).digest()),
  other('not_hmac', 'HMAC of the message with the secret after it', (algorithm, parts) => createHmac(algorithm, parts.key).update(message(parts)).update(parts.key).digest()),
];

/** What stands at the end where Go's `mac.Sum(message)` was called: the HMAC of nothing, or of t and the dot. */
export const SUMS: readonly Construction[] = [
  { mistakes: [], digest: (algorithm, { key }) => createHmac(algorithm, key).digest() },
  {
    mistakes: [],
    digest: (algorithm, { key, before }) => createHmac(algorithm, key).update(before).digest(),
  },
];
