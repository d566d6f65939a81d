import type { IncomingMessage } from 'node:http';
import type { BrokenBody } from './broken-requests.ts';
import { KeptBytes } from './kept-bytes.ts';

export type RawBody =
  | { ok: true; body: Buffer }
  /** `cut_off`: by this side, see `cutOff`. */
  | { ok: false; reason: 'too_large' | 'cut_off' }
  | ({ ok: false; reason: 'incomplete'; body: Buffer } & IncompleteBody);

/** Why a body did not come whole. */
export interface IncompleteBody {
  /** What the sender can still be answered; `null` when it is gone. */
  status: number | null;
  /** For the developer. */
  message: string;
}

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
    const broken = (why: BrokenBody | null) => {
      const body = length > limit ? Buffer.alloc(0) : kept.take();
      resolve({ ok: false, reason: 'incomplete', body, ...describeIncomplete(request, length, why) });
    };
    request.on('broken-body', broken);
    request.on('error', () => broken(null));
    request.on('cut-off', () => resolve({ ok: false, reason: 'cut_off' }));
    request.on('close', () => {
      if (!request.readableEnded) broken(null);
    });
  });
}

/** Breaks a request's connection from this side: no fault of its sender. */
export function cutOff(request: IncomingMessage): void {
  request.emit('cut-off');
  request.socket.destroy();
}

/** @param why what is known besides that the connection is gone. */
function describeIncomplete(
  request: IncomingMessage,
  received: number,
  why: BrokenBody | null,
): IncompleteBody {
  const stated = request.headers['content-length'];
  const cause =
    why?.message ??
    `the connection broke before ${stated === undefined ? 'the whole body' : `the ${stated} bytes that Content-Length announces`} had come`;
  return { status: why?.status ?? null, message: `the body is incomplete: ${cause}; ${received} came` };
}
