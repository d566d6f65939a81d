import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, expect } from 'vitest';
import { createControlClient } from '../../../src/client/control-client.ts';
import { startEmulator } from '../../../src/emulator/index.ts';
import { candidateCreated, postWebhook, SECRETS, testOptions } from '../../support/emulator.ts';
import { hmacHex, signLikeTheGuides } from '../../support/sign.ts';

export type Emulator = Awaited<ReturnType<typeof startEmulator>>;

export let emulator: Emulator;
export let control: ReturnType<typeof createControlClient>;

/** One gateway for all cases of a file: what one bad request breaks, the next valid one shows. */
export function startOneGateway(): void {
  beforeAll(async () => {
    emulator = await startEmulator(testOptions());
    control = createControlClient({ url: emulator.url, token: emulator.controlToken });
  });
  afterAll(() => emulator.close());
}

export interface Sent {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

export interface Raw {
  method?: string;
  path?: string;
  body?: Uint8Array;
  /** Header values as lists are sent as several headers. */
  headers?: Record<string, string | string[]>;
  /** Without a Content-Length. */
  chunked?: boolean;
}

/** One request with exactly these headers; node:http adds Host and the body's framing only. */
export function sendRaw({
  method = 'POST',
  path = '/v1/webhooks/test-ats',
  body,
  headers = {},
  chunked,
}: Raw) {
  return new Promise<Sent>((resolve, reject) => {
    const framing: Record<string, string> = chunked
      ? { 'Transfer-Encoding': 'chunked' }
      : { 'Content-Length': String(body?.length ?? 0) };
    const request = httpRequest(
      emulator.url,
      { method, path, headers: { ...framing, ...headers }, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

export function bytes(value: unknown): Buffer {
  return typeof value === 'string' ? Buffer.from(value) : Buffer.from(JSON.stringify(value));
}

export function signed(body: Uint8Array, rest: Record<string, string | string[]> = {}) {
  return {
    'Content-Type': 'application/json',
    'X-Webhook-Signature': signLikeTheGuides(body, SECRETS.incoming),
    ...rest,
  };
}

export async function newestRefusal() {
  const { items } = await control.log({ direction: 'incoming', limit: 1 });
  const record = items[0]!;
  return { record, detail: await control.logRecord(record.id) };
}

/** After whatever happened, a valid event is accepted and processed. */
export async function expectStillWorking() {
  const answer = await postWebhook(emulator.url, candidateCreated());
  expect(answer.status).toBe(202);
  const { trace } = await control.wait(answer.json.reference_id, {
    until: 'first-attempt',
    timeoutMs: 60_000,
  });
  expect(trace.job?.state).toBe('done');
}

export const now = () => Math.floor(Date.now() / 1000);
export const hex = (text: string) => hmacHex(SECRETS.incoming, text);

export interface Refused {
  name: string;
  request(): Raw;
  status: number;
  /** The whole answer, or a check of it. */
  detail: unknown;
  /** Code in the log. */
  reason: string;
  /** What the log's message says. */
  says?: RegExp;
}

export const valid = () => bytes(candidateCreated());
export const INVALID = 'Invalid signature';

export function withSignature(make: (body: Buffer) => string | string[] | undefined): () => Raw {
  return () => {
    const body = valid();
    const value = make(body);
    const headers: Record<string, string | string[]> = {};
    if (value !== undefined) headers['X-Webhook-Signature'] = value;
    return { body, headers };
  };
}

export function withBody(make: () => Uint8Array, rest: Record<string, string | string[]> = {}): () => Raw {
  return () => {
    const body = make();
    return { body, headers: signed(body, rest) };
  };
}

export const deep = (levels: number) => Buffer.from(`{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`);
