import http from 'node:http';
import { mutateAnswer, writeAnswer } from './mutate-answer.mjs';

/**
 * A server that answers as a gateway did, but for one answer. First it passes on and remembers
 * (`record`), then it answers from memory (`play`).
 */
export async function startFakeGateway(real) {
  /** By method and path, with and without the query. */
  const heard = new Map();
  let next = null;
  const sockets = new Set();

  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      if (next === null) return void record(request, response, body).catch(() => response.destroy());
      const { socket } = request;
      const answer = play(request);
      socket.end(answer);
    });
    request.on('error', () => {});
  });
  server.keepAliveTimeout = 1;
  server.on('clientError', (_error, socket) => socket.destroy());
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

  async function record(request, response, body) {
    const headers = { ...request.headers };
    for (const name of OF_CONNECTION) delete headers[name];
    const asked = await fetch(real.url + request.url, {
      method: request.method,
      headers,
      body: body.length > 0 ? body : undefined,
    });
    const type = asked.headers.get('content-type') ?? '';
    // A feed does not end by itself: what it says at first will do.
    const said = type.startsWith('text/event-stream') ? FEED : Buffer.from(await asked.arrayBuffer());
    if (type.startsWith('text/event-stream')) void asked.body.cancel();
    const answer = { status: asked.status, type, body: said };
    if (asked.ok) for (const key of keysOf(request)) heard.set(key, answer);
    response.writeHead(answer.status, { 'content-type': type, connection: 'close' }).end(said);
  }

  function play(request) {
    const [exact, rough] = keysOf(request);
    const answer = heard.get(exact) ?? heard.get(rough) ?? UNKNOWN;
    if (next.after-- !== 0) return writeAnswer(answer);
    const mutated = mutateAnswer(answer, [...heard.values()], next.choices);
    next.done = `${mutated.kind} of ${request.method} ${request.url}`;
    return mutated.bytes;
  }

  return {
    url: `http://127.0.0.1:${server.address().port}`,
    paths: () => [...heard.keys()],
    /** Makes the answer after the next `after` wrong. The returned `done` says how, once that was asked for. */
    arm(after, choices) {
      next = { after, choices, done: null };
      return next;
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

const UNKNOWN = { status: 404, type: 'application/json', body: Buffer.from('{"detail":"Not Found"}') };
const NOTICE = { seq: 1, at: '2026-11-23T10:00:00.000Z', type: 'notice', level: 'info', text: 'n' };
const FEED = Buffer.from(`id: 1\ndata: ${JSON.stringify(NOTICE)}\n\n`);

/** What `fetch` says itself. */
const OF_CONNECTION = ['host', 'connection', 'content-length', 'transfer-encoding', 'expect'];

function keysOf({ method, url }) {
  return [`${method} ${url}`, `${method} ${url.split('?')[0]}`];
}
