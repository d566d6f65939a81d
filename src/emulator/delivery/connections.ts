import type { Socket } from 'node:net';
import { buildConnector, Client } from 'undici';
import { lookUpName } from '../../transport/name-lookup.ts';
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
  readonly #idle = new Map<string, Client[]>();
  /** Each with what is to be called before it is used again. */
  readonly #open = new Map<Client, () => void>();
  readonly #used = new WeakSet<Client>();
  /** One for all, because it remembers TLS sessions. */
  readonly #connect = buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    lookup: lookUpName,
    autoSelectFamily: true,
  });

  /** One that nobody else uses until it is given back or dropped. */
  take(origin: string): Client {
    return this.#idle.get(origin)?.pop() ?? this.#make(origin);
  }

  /** Whether it was given back before: its connection was idle for a while. */
  wasUsed(client: Client): boolean {
    return this.#used.has(client);
  }

  /** After a whole answer, which leaves it fit for the next request. */
  giveBack(origin: string, client: Client): void {
    if (client.destroyed) return;
    this.#used.add(client);
    this.#open.get(client)?.();
    const idle = this.#idle.get(origin);
    if (idle) idle.push(client);
    else this.#idle.set(origin, [client]);
  }

  /** Cuts it off, whatever it is doing. */
  drop(client: Client): void {
    this.#open.delete(client);
    void client.destroy();
  }

  /** Cuts off all of them. */
  async close(): Promise<void> {
    const open = [...this.#open.keys()];
    this.#open.clear();
    this.#idle.clear();
    await Promise.all(open.map((client) => client.destroy()));
  }

  #make(origin: string): Client {
    const client = new Client(origin, {
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (options, callback) => {
        const socket = this.#connect(options, callback) as unknown as Socket;
        this.#open.set(client, skipInterim(socket));
      },
    });
    // One in use connects again where it has to, or fails and is dropped by its user.
    client.on('disconnect', () => this.#forget(origin, client));
    this.#open.set(client, () => {});
    return client;
  }

  #forget(origin: string, client: Client): void {
    const idle = this.#idle.get(origin) ?? [];
    const place = idle.indexOf(client);
    if (place < 0) return;
    idle.splice(place, 1);
    if (idle.length === 0) this.#idle.delete(origin);
    this.drop(client);
  }
}
