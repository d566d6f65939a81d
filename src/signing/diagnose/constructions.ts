import { createHash, createHmac } from 'node:crypto';
import { bufferOf } from './body-lists.ts';
import type { Algorithm } from './targets.ts';
import type { Mistake } from './types.ts';

type Part = Uint8Array | string;
/** How a digest is made of the key and the parts of the message. */
export interface Construction {
  mistakes: Mistake[];
  digest(algorithm: Algorithm, key: Buffer, message: Part[]): Buffer;
}

const hash = (algorithm: Algorithm, ...parts: Part[]) =>
  parts.reduce((running, part) => running.update(part), createHash(algorithm)).digest();
const hmac = (algorithm: Algorithm, key: Part, ...parts: Part[]) =>
  parts.reduce((running, part) => running.update(part), createHmac(algorithm, key)).digest();

export const HMAC: Construction = {
  mistakes: [],
  digest: (algorithm, key, message) => hmac(algorithm, key, ...message),
};

const SWAPPED = 'HMAC with key and message swapped: the message as the key, the secret as the data';
// biome-ignore format: a table, siblings on a line
const OTHERS: [what: string, digest: (algorithm: Algorithm, key: Buffer, message: Buffer) => Buffer][] = [
  [SWAPPED, (one, key, message) => hmac(one, message, key)], ['a plain hash of the message, without the secret', (one, _key, message) => hash(one, message)],
  ['a plain hash of the secret and then the message', (one, key, message) => hash(one, key, message)],
  ['a plain hash of the message and then the secret', (one, key, message) => hash(one, message, key)],
  ['a plain hash of the secret, a dot and the message', (one, key, message) => hash(one, key, '.', message)],
  ['a plain hash of the message, a dot and the secret', (one, key, message) => hash(one, message, '.', key)],
  ['a plain hash of the secret, a colon and the message', (one, key, message) => hash(one, key, ':', message)],
  ['a plain hash of the secret, the message and the secret', (one, key, message) => hash(one, key, message, key)],
  ['HMAC of the hash of the message, in hex', (one, key, message) => hmac(one, key, hash(one, message).toString('hex'))],
  ['HMAC of the hash of the message, as bytes', (one, key, message) => hmac(one, key, hash(one, message))],
  ['a hash of the HMAC', (one, key, message) => hash(one, hmac(one, key, message))],
  ['a hash of the hex digits of the HMAC', (one, key, message) => hash(one, hmac(one, key, message).toString('hex'))],
  ['the HMAC of the HMAC', (one, key, message) => hmac(one, key, hmac(one, key, message))],
  ['the HMAC of the hex digits of the HMAC', (one, key, message) => hmac(one, key, hmac(one, key, message).toString('hex'))],
  ['HMAC of the message with the secret before it', (one, key, message) => hmac(one, key, key, message)],
  ['HMAC of the message with the secret after it', (one, key, message) => hmac(one, key, message, key)],
];

/** What is taken for HMAC of key and message, likeliest first. */
export const CONSTRUCTIONS: readonly Construction[] = OTHERS.map(([what, digest]) => ({
  mistakes: [{ code: what === SWAPPED ? 'key_and_message_swapped' : 'not_hmac', what }],
  digest: (algorithm, key, message) => digest(algorithm, key, Buffer.concat(message.map(bufferOf))),
}));
