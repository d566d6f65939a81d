import { readFileSync } from 'node:fs';

interface Vector {
  name: string;
  secret: string;
  t: number;
  v1: string;
  body_base64?: string;
  body?: { repeat: string; times: number };
}

const read = readFileSync(new URL('../../fixtures/signature-vectors.json', import.meta.url), 'utf8');

/** Signatures that Python computed, not this code, each with the bytes that it is over. */
export const VECTORS = (JSON.parse(read).vectors as Vector[]).map(({ body_base64, body, ...vector }) => ({
  ...vector,
  bytes: body ? Buffer.alloc(body.times, body.repeat) : Buffer.from(body_base64 ?? '', 'base64'),
}));
