import type { IncomingMessage } from 'node:http';
import { KeptBytes } from '../../transport/kept-bytes.ts';

export type RawBody = { ok: true; body: Buffer } | { ok: false; reason: 'too_large' | 'aborted' };

/** How much of an oversized body is still read, unkept, before the refusal. */
const DRAIN_FACTOR = 64;

/**
 * Reads a request's raw bytes, whatever `Content-Type` and `Content-Encoding` say: the signature covers
 * exactly these. What goes over the limit is not kept, but read: a client that is still sending when the
 * connection is closed sees a reset and not the answer.
 */
export function readBody(request: IncomingMessage, limit: number): Promise<RawBody> {
  return new Promise((resolve) => {
    let kept = new KeptBytes(limit);
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) {
        kept.add(chunk);
        return;
      }
      kept = new KeptBytes(0);
      if (length > limit * DRAIN_FACTOR) resolve({ ok: false, reason: 'too_large' });
    });
    request.on('end', () => {
      if (length > limit) resolve({ ok: false, reason: 'too_large' });
      else resolve({ ok: true, body: kept.take() });
    });
    request.on('error', () => resolve({ ok: false, reason: 'aborted' }));
    request.on('close', () => resolve({ ok: false, reason: 'aborted' }));
  });
}
