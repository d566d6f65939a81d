import type { ControlClient } from '../../client/control-client.ts';
import { ControlError } from '../../client/errors.ts';
import type { ClockView, DeliveryDetail, LogPage, LogQuery, Trace } from '../../contract/control.ts';
import type { DiagnosisView } from '../../contract/diagnosis.ts';
import { findDiffering } from '../connect/explain-deliveries.ts';
import { CliError } from '../terminal/errors.ts';
import type { Reader } from '../text/feed.ts';

/** Where records come from: a running gateway, or the database of one that does not run. */
export interface Source {
  /** A URL or a file. */
  readonly origin: string;
  /** `null` where nothing can be done, only looked at. */
  readonly client: ControlClient | null;
  /** Tells databases apart: cursors of one mean nothing in another. */
  identity(): Promise<string>;
  log(query: Partial<LogQuery>, signal?: AbortSignal): Promise<LogPage>;
  delivery(id: string): Promise<ShownDelivery>;
  /** `null` when nothing is known of the reference. */
  trace(referenceId: string): Promise<Trace | null>;
  /** @param id `dlv_…/3` */
  diagnosis(id: string): Promise<DiagnosisView>;
  clock(): Promise<ClockView | null>;
}

/** Of a delivery that a receiver answered with 401: where the configuration has another secret than the gateway. */
export type ShownDelivery = DeliveryDetail & { differing?: readonly string[] };

/** @param differing what to say where the gateway signs with another secret than the configuration has. */
export function gatewaySource(
  client: ControlClient,
  differing: NonNullable<Reader['differing']> = () => [],
): Source {
  return {
    origin: client.url,
    client,
    identity: async () => (await client.status()).gateway_id,
    log: (query, signal) => client.log(query, signal),
    async delivery(id) {
      const delivery = await client.delivery(id);
      if (!delivery.attempts.some(({ response }) => response?.status === 401)) return delivery;
      return { ...delivery, differing: await findDiffering(client, delivery.ats_id, differing) };
    },
    trace: (referenceId) =>
      client.trace(referenceId).catch((error: unknown) => {
        if (error instanceof ControlError && error.status === 404) return null;
        throw error;
      }),
    diagnosis: async (id) => (await client.diagnosis(id)).diagnosis,
    clock: () => client.clock(),
  };
}

/**
 * Reads the log of a database while no gateway runs on it. The code that reads it is loaded here only.
 *
 * @throws CliError (exit 2) when it cannot be read.
 */
export async function fileSource(file: string): Promise<Source> {
  const { openLogReader } = await import('../../emulator/log/reader.ts');
  const reader = await openLogReader(file).catch((error: unknown) => {
    throw new CliError((error as Error).message, {
      next: 'start `carvos dev`, or name a database with --db FILE',
      cause: error,
    });
  });
  return {
    origin: reader.file,
    client: null,
    identity: async () => reader.file,
    log: (query, signal) => reader.log(query, signal),
    async delivery(id) {
      const found = reader.delivery(id);
      if (found === null) throw new Error('it is no longer in the log');
      return found;
    },
    trace: async (referenceId) => reader.trace(referenceId),
    diagnosis: async () => {
      throw new Error('no gateway runs, and only it knows the secrets');
    },
    clock: async () => null,
  };
}

export function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
