import { setMaxListeners } from 'node:events';
import type { Delivery, DeliveryState, ErrorInfo } from '../../contract/control.ts';
import { type Criterion, criteriaOf, describeChecks, ENDED } from '../../contract/delivery-match.ts';
import type { DeliveryWaitQuery, OutgoingView } from '../../contract/delivery-wait.ts';
import type { OutgoingEventName } from '../../contract/event-names.ts';
import type { Matcher } from '../../contract/matcher.ts';
import type { OutgoingDataMap } from '../../contract/outgoing.ts';
import type { DeliveryWatch, WaitOutcome } from '../log/delivery-watch.ts';

// Outgoing deliveries as a test in the same process sees them: found, waited for, typed by their event.

/** What an outgoing event says of its job (contract, section 5). */
export type OutgoingStatus = 'success' | 'failed';

interface DeliveryOf<N extends OutgoingEventName> extends Omit<Delivery, 'direction'> {
  event: N;
  event_id: string;
  reference_id: string;
  ats_id: string;
  client_id: string;
  state: DeliveryState;
  /** The bytes that were sent, as text. */
  body: string;
}

/** An outgoing event with how its delivery went; `event` and `status` tell what `data` is. */
export type OutgoingDelivery<
  N extends OutgoingEventName = OutgoingEventName,
  S extends OutgoingStatus = OutgoingStatus,
> = N extends unknown
  ? S extends 'success'
    ? DeliveryOf<N> & { status: 'success'; error: null; data: OutgoingDataMap[N] }
    : DeliveryOf<N> & { status: 'failed'; error: ErrorInfo; data: Record<string, unknown> }
  : never;

/** What must hold on one delivery, all of it. */
export interface DeliveryFilter<
  N extends OutgoingEventName = OutgoingEventName,
  S extends OutgoingStatus = OutgoingStatus,
> {
  event?: N;
  status?: S;
  /**
   * Fields of `data`, at any depth; what is not named may be anything. A value has to be the same; `{ gte: 40 }`,
   * `{ contains: 'Welder' }`, `{ exists: false }` and their kin ask for something else.
   */
  data?: Record<string, unknown>;
  /** State of the delivery (`delivered`, …), or outcome of its last attempt (`failure`, …). */
  outcome?: DeliveryWaitQuery['outcome'] | Matcher;
  /** Attempts made. */
  attempts?: number | Matcher;
  reference_id?: string;
  event_id?: string;
  client_id?: string;
  ats_id?: string;
  /** Whether it is a test event, as the portal sends them. */
  test?: boolean;
}

/** How long `waitFor` waits. */
export interface WaitOptions {
  /** Wall milliseconds; 4,000 by default, less than the 5 seconds that vitest and Jest give a test. */
  timeout?: number;
}

/** Finds outgoing deliveries, and waits for them. */
export interface EmulatorDeliveries {
  /** Deliveries that fit, oldest first, whatever their state. */
  deliveries<N extends OutgoingEventName = OutgoingEventName, S extends OutgoingStatus = OutgoingStatus>(
    filter?: DeliveryFilter<N, S>,
  ): OutgoingDelivery<N, S>[];
  /**
   * Waits for a delivery that fits, the oldest where several do. Where the filter names neither `outcome`
   * nor `attempts`, it has to have ended: delivered or exhausted.
   *
   * @throws WaitError when there is none in time, with the closest one and what differs; or at once when
   *   the event came with `status: "failed"` and the filter does not ask for that.
   */
  waitFor<N extends OutgoingEventName = OutgoingEventName, S extends OutgoingStatus = 'success'>(
    filter: DeliveryFilter<N, S>,
    options?: WaitOptions,
  ): Promise<OutgoingDelivery<N, S>>;
}

/** What was waited for did not come. */
export class WaitError extends Error {
  /** The delivery that came closest; `null` when there was none. */
  readonly closest: OutgoingDelivery | null;
  constructor(message: string, closest: OutgoingDelivery | null) {
    super(message);
    this.name = 'WaitError';
    this.closest = closest;
  }
}

const DEFAULT_TIMEOUT_MS = 4000;

/** What of an emulator is about deliveries. @param closing aborted when it closes: who waits then is refused. */
export function createEmulatorDeliveries(watch: DeliveryWatch, closing: AbortSignal): EmulatorDeliveries {
  setMaxListeners(0, closing); // as many may wait as like to
  return {
    deliveries: (filter = {}) => watch.list(criteriaOfFilter(filter)).map(typed) as never[],

    async waitFor(filter, { timeout = DEFAULT_TIMEOUT_MS } = {}) {
      const criteria = criteriaOfFilter(filter);
      if (filter.outcome === undefined && filter.attempts === undefined) criteria.push(ENDED);
      // Outside the promise, so that the trace shows the test's own line.
      const error = new WaitError('', null);
      const result = await watch.wait(criteria, timeout, closing);
      if (result === null) throw explain(error, 'the emulator was closed', null);
      const { delivery, closest } = result;
      if (delivery === null)
        throw explain(error, describeMiss(criteria, timeout, closest), closest?.delivery);
      if (filter.status === undefined && delivery.status !== 'success') {
        const reason = delivery.error
          ? `${delivery.error.code}: ${delivery.error.message}`
          : 'no reason given';
        const text = `${delivery.event} came with status ${delivery.status} (${reason}); to wait for that, add status: "failed"`;
        throw explain(error, text, delivery);
      }
      return typed(delivery) as never;
    },
  };
}

function criteriaOfFilter(filter: DeliveryFilter): Criterion[] {
  const { data, ...fields } = filter;
  return [
    ...Object.entries(fields).flatMap(([name, value]) =>
      value === undefined ? [] : criteriaOf([name], value),
    ),
    ...(data === undefined ? [] : criteriaOf(['data'], data).filter(({ path }) => path.length > 1)),
  ];
}

function typed({ direction: _direction, body, ...delivery }: OutgoingView): unknown {
  return { ...delivery, body: body.text };
}

function explain(error: WaitError, message: string, closest: OutgoingView | null | undefined): WaitError {
  error.message = message;
  (error as { closest: unknown }).closest = closest ? typed(closest) : null;
  // V8 writes the message into the trace when the error is made.
  error.stack = error.stack?.replace(/^WaitError:?[^\n]*/, () => `WaitError: ${message}`);
  return error;
}

function describeMiss(
  criteria: readonly Criterion[],
  timeout: number,
  closest: WaitOutcome['closest'],
): string {
  const wanted = criteria.map(({ text }) => text).join(', ');
  const head = `no delivery within ${timeout} ms with ${wanted}`;
  if (closest === null) return `${head}; there was no delivery at all`;
  const { delivery, checks } = closest;
  return [
    `${head}; the closest is ${delivery.id}:`,
    ...describeChecks(checks),
    ...describeState(delivery).map((line) => `  ${line}`),
  ].join('\n');
}

/** Why it is where it is. */
function describeState({
  state,
  attempt_count,
  status,
  error,
  last_error,
  last_status,
  next_attempt,
}: OutgoingView) {
  const lines: string[] = [];
  if (status === 'failed' && error) lines.push(`its status is failed: ${error.code}: ${error.message}`);
  const last = last_error?.message ?? (last_status === null ? null : `the receiver answered ${last_status}`);
  const count = `${attempt_count} ${attempt_count === 1 ? 'attempt' : 'attempts'}`;
  if (state !== 'delivered')
    lines.push(`${state} after ${count}${last === null ? '' : `; the last: ${last}`}`);
  if (state === 'pending' && attempt_count > 0 && next_attempt && next_attempt.in_real_ms === null)
    lines.push('the next attempt comes when the clock moves: clock.next(), clock.advance(ms)');
  return lines;
}
