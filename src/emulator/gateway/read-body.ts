import type { IncomingMessage } from 'node:http';

export type RawBody = { ok: true; body: Buffer } | { ok: false; reason: 'too_large' | 'aborted' };

/** How much of an oversized body is still read, unkept, so that the client gets to see the answer. */
const DRAIN_FACTOR = 64;

/**
 * Reads a request's raw bytes, whatever `Content-Type` and `Content-Encoding` say: the signature covers
 * exactly these. What goes over the limit is not kept.
 */
export function readBody(request: IncomingMessage, limit: number): Promise<RawBody> {
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let length = 0;
    const refuse = () => {
      chunks = [];
      resolve({ ok: false, reason: 'too_large' });
    };
    if (Number(request.headers['content-length']) > limit) refuse();
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else if (length > limit * DRAIN_FACTOR) request.destroy();
      else refuse();
    });
    request.on('end', () =>
      resolve({ ok: true, body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) }),
    );
    request.on('error', () => resolve({ ok: false, reason: 'aborted' }));
    request.on('close', () => resolve({ ok: false, reason: 'aborted' }));
  });
}
