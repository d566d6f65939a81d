import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One webhook that came, and what became of its answer. */
export interface Arrival {
  eventId: string;
  referenceId: string;
  body: string;
  /** Its header `X-Webhook-Signature`. */
  signature: string;
  /** What was answered; `null` when the sender was killed before. */
  status: number | null;
}

export interface CrashReceiver {
  url: string;
  arrivals: Arrival[];
  /**
   * Told of each arrival before it is answered; returns whether it is answered at all. `sent` is called
   * when the answer is on its way.
   */
  onArrival: (arrival: Arrival) => { answer: boolean; sent?: () => void };
  close(): Promise<void>;
}

/**
 * A receiver that fails sometimes: every fifth event gets 500 once, every eleventh twice. It knows
 * nothing of carvos.
 */
export async function startCrashReceiver(): Promise<CrashReceiver> {
  const seen = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // the sender was killed while it sent
    }
    const body = Buffer.concat(chunks).toString('utf8');
    const json = JSON.parse(body) as { event_id: string; reference_id: string };
    const times = (seen.get(json.event_id) ?? 0) + 1;
    seen.set(json.event_id, times);
    const arrival: Arrival = {
      eventId: json.event_id,
      referenceId: json.reference_id,
      body,
      signature: String(request.headers['x-webhook-signature']),
      status: null,
    };
    receiver.arrivals.push(arrival);
    const { answer, sent } = receiver.onArrival(arrival);
    if (!answer) return;
    const kind = Number.parseInt(json.reference_id.slice(-4), 16);
    const failures = kind % 11 === 0 ? 2 : kind % 5 === 0 ? 1 : 0;
    arrival.status = times <= failures ? 500 : 200;
    response.writeHead(arrival.status, { 'Content-Type': 'application/json' });
    response.end('{"status":"received"}', () => sent?.());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: CrashReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`,
    arrivals: [],
    onArrival: () => ({ answer: true }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}
