import { randomInt } from 'node:crypto';
import dgram from 'node:dgram';
import { type EventEmitter, once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { judgeSignature } from './sign.ts';

/** One request, whole. */
export interface Heard {
  method: string;
  url: string;
  headers: http.IncomingHttpHeaders;
  rawHeaders: string[];
  body: Buffer;
}

export interface Serving {
  /** Without a path. */
  url: string;
  port: number;
  server: http.Server;
  close(): Promise<void>;
}

/** An HTTP server on a free port of loopback, for those who answer before the request is whole; ends with the test. */
export async function serveHttp(listener: http.RequestListener, host = '127.0.0.1'): Promise<Serving> {
  const server = http.createServer(listener);
  const { port, close } = await openServer(server, 0, host);
  return { url: `http://${host}:${port}`, port, server, close };
}

/** Lets an HTTP server listen until the test ends. */
export async function openServer(server: http.Server, port = 0, host = '127.0.0.1') {
  await once(server.listen(port, host), 'listening');
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(close);
  return { port: (server.address() as AddressInfo).port, close };
}

/** A server that keeps what it heard, and answers as it is told. */
export async function serve(
  answer: (heard: Heard, response: http.ServerResponse) => unknown,
): Promise<Serving & { heard: Heard[] }> {
  const heard: Heard[] = [];
  const serving = await serveHttp(async (request, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // the sender was cut off while it sent
    }
    const { method = '', url = '', headers, rawHeaders } = request;
    const one: Heard = { method, url, headers, rawHeaders, body: Buffer.concat(chunks) };
    heard.push(one);
    await answer(one, response);
  });
  return { ...serving, heard };
}

export function json(response: http.ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** A bare TCP server, for those who do not speak HTTP well. */
export async function serveSocket(talk: (socket: net.Socket) => void) {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    talk(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  onTestFinished(close);
  const { port } = server.address() as AddressInfo;
  /** `sockets`: those that are open. */
  return { url: `http://127.0.0.1:${port}`, port, server, sockets, close };
}

/**
 * A port where nothing listens: below those that are given to who asks for any, so that it stays free until it is used.
 * No other test gets it, in whatever process: the UDP port of the same number is held until this process ends.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const claim = dgram.createSocket('udp4').unref();
    if (!(await hasBegun(claim.bind({ port, address: '127.0.0.1', exclusive: true })))) continue;
    const server = net.createServer().listen(port, '127.0.0.1');
    if (!(await hasBegun(server))) {
      claim.close();
      continue;
    }
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

const hasBegun = (listener: EventEmitter) =>
  once(listener, 'listening').then(
    () => true,
    () => false,
  );

/** The address of a port on which nothing listens. */
export const unusedUrl = async () => `http://127.0.0.1:${await freePort()}`;

export interface Received {
  /** Path and query. */
  url: string;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
  /** Wall clock when it was whole, milliseconds. */
  at: number;
}

export type Respond = (received: Received, index: number) => number | Promise<number>;

/** A receiver that knows nothing of carvos; `respond` gives the status of each answer. */
export async function startTestReceiver(
  respond: Respond = () => 200,
  say: (status: number) => string = (status) => `answer ${status}`,
) {
  const received: Received[] = [];
  const waiters: { count: number; resolve: () => void }[] = [];
  const { url, server } = await serve(async ({ url, headers, body }, response) => {
    const one = { url, headers, body, at: Date.now() };
    received.push(one);
    for (const waiter of waiters) if (received.length >= waiter.count) waiter.resolve();
    const status = await respond(one, received.length - 1);
    response.writeHead(status, { 'Content-Type': 'text/plain' }).end(say(status));
  });
  return {
    url: `${url}/webhooks`,
    received,
    server,
    waitFor: (count: number) =>
      received.length >= count
        ? Promise.resolve()
        : new Promise<void>((resolve) => waiters.push({ count, resolve })),
  };
}

export interface RecordedRequest extends Heard {
  /** With its query. */
  path: string;
}

export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** A server that keeps what it gets, and answers with a value; `null` never answers. */
export async function startRecordingServer(answer: (request: RecordedRequest) => Answer | null) {
  const requests: RecordedRequest[] = [];
  const { url, port } = await serve((heard, response) => {
    const request = { ...heard, path: heard.url };
    requests.push(request);
    const reply = answer(request);
    if (reply === null) return;
    const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? {});
    response.writeHead(reply.status, { 'Content-Type': 'application/json', ...reply.headers }).end(text);
  });
  return { url, port, requests };
}

/** One webhook, judged by node:crypto and not by the code under test. */
export interface JudgedWebhook extends Received {
  path: string;
  json: Record<string, unknown>;
  /** Whether the signature is `t=…,v1=…` to the letter and right. */
  signed: boolean;
  /** `t`, Unix seconds. */
  t: number;
  /** Monotonic milliseconds when it was whole, and when the answer was handed over. */
  arrivedAt: number;
  answeredAt: number;
  /** What was answered; 0 until then. */
  status: number;
}

/** A receiver that judges signatures; `answer` chooses the status, at once or later. */
export async function startJudgingReceiver(
  answer: (webhook: JudgedWebhook) => number | Promise<number>,
  secret = 'demo-outgoing-secret',
) {
  const received: JudgedWebhook[] = [];
  const watchers = new Set<() => void>();
  const { url } = await serve(async (heard, response) => {
    const webhook: JudgedWebhook = {
      path: heard.url,
      url: heard.url,
      headers: heard.headers,
      body: heard.body,
      json: JSON.parse(heard.body.toString('utf8')),
      ...judgeSignature(heard, secret),
      at: Date.now(),
      arrivedAt: performance.now(),
      answeredAt: 0,
      status: 0,
    };
    received.push(webhook);
    const status = await answer(webhook);
    webhook.status = status;
    response.writeHead(status).end('{"status":"received"}');
    webhook.answeredAt = performance.now();
    for (const watcher of [...watchers]) watcher();
  });
  return {
    url: `${url}/webhooks/carvos`,
    received,
    /** Waits until a condition over what was received holds. It is asked at every arrival. */
    waitUntil: (condition: (received: JudgedWebhook[]) => boolean, what: string, timeoutMs = 60_000) =>
      new Promise<void>((resolve, reject) => {
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

/** A way to a server that can be cut, as a network can. */
export async function startCuttableProxy(target: string) {
  const { port } = new URL(target);
  const others = new Set<net.Socket>();
  let down = false;
  const { url, sockets } = await serveSocket((socket) => {
    if (down) return void socket.destroy();
    const other = net.connect(Number(port), '127.0.0.1').on('error', () => {});
    others.add(other.on('close', () => others.delete(other)));
    socket.pipe(other).pipe(socket);
  });
  const cut = () => {
    down = true;
    for (const socket of [...sockets, ...others]) socket.destroy();
  };
  onTestFinished(cut);
  return {
    url,
    cut,
    restore: () => {
      down = false;
    },
  };
}
