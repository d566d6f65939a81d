import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { buildConnector, Client } from 'undici';
import { isLoopbackName, lookUpOf } from '../../transport/name-lookup.ts';
import { openTunnel } from '../../transport/proxy.ts';
import {
  connectionOptions,
  judgeConnection,
  type ReceiverTls,
  readTlsFacts,
  type TlsFacts,
  USUAL_TLS,
} from '../../transport/receiver-tls.ts';
import { skipInterim } from '../../transport/skip-interim.ts';

/**
 * Shorter than the usual servers' own, so that a request seldom meets a connection being closed.
 */
const KEEP_ALIVE_MS = 1000;
const CONNECT_TIMEOUT_MS = 30_000;

/**
 * Connections to receivers: each attempt has one to itself while it lasts, so there are as many as attempts under
 * way, which the engine bounds, and none waits for another's, not even where two receivers share a host.
 * The one used last is used next; what stays idle for a second is closed and forgotten.
 */
export class Connections {
  readonly #idle = new Map<string, Connection[]>();
  readonly #open = new Set<Connection>();
  readonly #connectors = new WeakMap<
    ReceiverTls,
    { id: number; connect: ReturnType<typeof makeConnector> }
  >();
  #lastConnector = 0;

  /** One that nobody else uses until it is given back or dropped. */
  take(origin: string, tls: ReceiverTls = USUAL_TLS, proxy: URL | null = null): Connection {
    const found = this.#idle.get(this.#keyOf(origin, tls, proxy))?.pop();
    found?.use();
    return found ?? this.make(origin, tls, proxy);
  }

  /** One that was never used. */
  make(origin: string, tls: ReceiverTls = USUAL_TLS, proxy: URL | null = null): Connection {
    const key = this.#keyOf(origin, tls, proxy);
    const made = new Connection(origin, key, { connect: this.#connectorOf(tls).connect, tls, proxy });
    // One in use connects again where it has to, or fails and is dropped by its user.
    made.client.on('disconnect', () => this.#forget(made));
    this.#open.add(made);
    return made;
  }

  /** After a whole answer, which leaves it fit for the next request. */
  giveBack(connection: Connection): void {
    if (connection.client.destroyed) return;
    const idle = this.#idle.get(connection.key);
    if (idle) idle.push(connection);
    else this.#idle.set(connection.key, [connection]);
  }

  /** Cuts it off, whatever it is doing. */
  drop(connection: Connection): void {
    this.#open.delete(connection);
    void connection.destroy();
  }

  /** Cuts off all of them. */
  async close(): Promise<void> {
    const open = [...this.#open];
    this.#open.clear();
    this.#idle.clear();
    await Promise.all(open.map((connection) => connection.destroy()));
  }

  #connectorOf(tls: ReceiverTls) {
    const made = this.#connectors.get(tls) ?? { id: ++this.#lastConnector, connect: makeConnector(tls) };
    this.#connectors.set(tls, made);
    return made;
  }

  /** What was made under other rules is not taken, and closes after its second. */
  #keyOf(origin: string, tls: ReceiverTls, proxy: URL | null): string {
    const key = proxy === null ? origin : `${origin} ${proxy.href}`;
    if (origin.startsWith('http:')) return key;
    return `${this.#connectorOf(tls).id} ${key}`;
  }

  #forget(kept: Connection): void {
    const idle = this.#idle.get(kept.key) ?? [];
    const place = idle.indexOf(kept);
    if (place < 0) return;
    idle.splice(place, 1);
    if (idle.length === 0) this.#idle.delete(kept.key);
    this.drop(kept);
  }
}

/** A connection, or one to be: whoever has taken it has it to himself. */
export class Connection {
  readonly client: Client;
  readonly key: string;
  /** Of its last handshake, also of one that failed; `null` where there was none. */
  tls: TlsFacts | null = null;
  /** What its socket said first, which undici may put another error over; `null` where it said nothing. */
  fault: Error | null = null;
  /** The socket that it had when it was taken again. */
  #reused: Socket | null = null;
  #socket: Socket | null = null;
  #answer: ReturnType<typeof skipInterim> | null = null;
  /** Gives up a tunnel that the proxy has not made yet. */
  #giveUp = () => {};

  constructor(origin: string, key: string, way: Way) {
    this.key = key;
    this.client = new Client(origin, {
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (options, callback) => {
        this.#giveUp = open(way, options, (error, socket) => {
          if (error) return callback(error, null);
          if (options.protocol === 'https:') {
            this.tls = readTlsFacts(socket as TLSSocket);
            const isDirect = way.proxy === null;
            const refused = judgeConnection(socket as TLSSocket, way.tls, options.hostname, isDirect);
            if (refused !== null) {
              socket.destroy();
              return callback(refused, null);
            }
          }
          this.#keep(socket);
          callback(null, socket);
        });
      },
    });
  }

  /** Cuts it off, whatever it is doing. */
  destroy(): Promise<void> {
    this.#giveUp();
    return this.client.destroy();
  }

  #keep(socket: Socket): void {
    this.#socket = socket;
    this.fault = null;
    socket.once('error', (error) => {
      this.fault = error;
    });
    this.#answer = skipInterim(socket);
  }

  /** It was idle, and gets its next request. */
  use(): void {
    this.#answer?.beginAnew();
    this.#reused = this.#socket;
  }

  /**
   * Whether it was kept alive from an earlier request, and nothing of an answer came since: where it ends so, the
   * receiver closed it without having seen this request.
   */
  isStale(): boolean {
    return this.#reused !== null && this.#reused === this.#socket && !this.#answer!.hasRead();
  }
}

/** How a connection is made. */
interface Way {
  connect: ReturnType<typeof makeConnector>;
  tls: ReceiverTls;
  proxy: URL | null;
}

type Opened = (error: Error | null, socket: Socket) => void;

/** @returns the function that gives up what only this side knows of. */
function open({ connect, proxy }: Way, options: buildConnector.Options, opened: Opened): () => void {
  const done: buildConnector.Callback = (error, socket) => opened(error, socket as Socket);
  const nothing = () => {};
  if (proxy === null) {
    connect(options, done);
    return nothing;
  }
  if (options.protocol === 'https:') {
    return openTunnel(proxy, options.hostname, options.port || 443, (error, httpSocket) => {
      if (error) opened(error, httpSocket as never);
      else connect({ ...options, httpSocket }, done);
    });
  }
  // A request that is no tunnel names the whole URL, and goes to the proxy itself.
  const hostname = proxy.hostname.replace(/^\[|\]$/g, '');
  connect({ ...options, protocol: 'http:', hostname, host: proxy.host, port: proxy.port }, done);
  return nothing;
}

function makeConnector(tls: ReceiverTls): buildConnector.connector {
  const forHost = (host: string) =>
    buildConnector({
      timeout: CONNECT_TIMEOUT_MS,
      ...lookUpOf(host),
      autoSelectFamily: true,
      ...connectionOptions(tls),
      maxCachedSessions: 0,
    });
  const usual = forHost('');
  const loopback = forHost('localhost');
  return (options, opened) => (isLoopbackName(options.hostname) ? loopback : usual)(options, opened);
}
