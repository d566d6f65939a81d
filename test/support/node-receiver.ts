import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { onTestFinished } from 'vitest';

/** One webhook, judged by node:crypto and not by the code under test. */
export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  json: Record<string, unknown>;
  /** Whether the signature is `t=…,v1=…` to the letter and right. */
  signed: boolean;
  /** `t`, Unix seconds. */
  t: number;
  /** Wall clock at arrival, Unix seconds with fractions. */
  arrivedWall: number;
  /** Monotonic milliseconds at arrival, and when the answer was handed over. */
  arrivedAt: number;
  answeredAt: number;
  /** What was answered; 0 until then. */
  status: number;
}

export interface NodeReceiver {
  url: string;
  received: Received[];
  /** Waits until a condition over what was received holds. It is asked at every arrival. */
  waitUntil(condition: (received: Received[]) => boolean, what: string, timeoutMs?: number): Promise<void>;
}

/** Starts a receiver on a free port; `answer` chooses the status, at once or later. It is closed when the test ends. */
export async function startNodeReceiver(
  answer: (webhook: Received) => number | Promise<number>,
  secret = 'demo-outgoing-secret',
): Promise<NodeReceiver> {
  const received: Received[] = [];
  const watchers = new Set<() => void>();
  const server = createServer(async (request, response) => {
    const arrived = { arrivedAt: performance.now(), arrivedWall: Date.now() / 1000 };
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const webhook: Received = {
      path: request.url ?? '',
      headers: request.headers,
      body,
      json: JSON.parse(body.toString('utf8')),
      ...judge(String(request.headers['x-webhook-signature']), body, secret),
      ...arrived,
      answeredAt: 0,
      status: 0,
    };
    received.push(webhook);
    response.statusCode = await answer(webhook);
    webhook.status = response.statusCode;
    response.end('{"status":"received"}');
    webhook.answeredAt = performance.now();
    for (const watcher of [...watchers]) watcher();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/carvos`,
    received,
    waitUntil: (condition, what, timeoutMs = 30_000) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          watchers.delete(check);
          reject(new Error(`waited ${timeoutMs} ms for ${what}; ${received.length} webhooks came`));
        }, timeoutMs);
        const check = () => {
          if (!condition(received)) return;
          watchers.delete(check);
          clearTimeout(timer);
          resolve();
        };
        watchers.add(check);
        check();
      }),
  };
}

function judge(header: string, body: Buffer, secret: string): { signed: boolean; t: number } {
  const match = /^t=([0-9]+),v1=([0-9a-f]{64})$/.exec(header);
  if (!match) return { signed: false, t: Number.NaN };
  const expected = createHmac('sha256', secret)
    .update(Buffer.concat([Buffer.from(`${match[1]}.`), body]))
    .digest('hex');
  return { signed: expected === match[2], t: Number(match[1]) };
}
