import type { LOG_ROUTES } from '../../contract/control/routes/log.ts';
import { criteriaOfQuery } from '../../contract/delivery-wait.ts';
import { refused } from '../../contract/errors.ts';
import { readLogPage } from '../log/page.ts';
import { cutFrom } from '../log/refused-bodies.ts';
import { readTrace, waitForReference } from '../log/trace.ts';
import { viewDeliveryDetail } from '../log/view-delivery.ts';
import { viewDelivery, viewLogRowDetail } from '../log/view-record.ts';
import { findBelongings } from '../store/belonging.ts';
import { getDelivery } from '../store/deliveries.ts';
import { getLog, type LogRow } from '../store/log.ts';
import type { HandlersOf } from './call.ts';
import type { ControlParts } from './parts.ts';
import { createClientWaits } from './wait-for-client.ts';

/** The log, one delivery, what a reference caused, and waiting for either. */
export function createLogHandlers(parts: ControlParts): HandlersOf<typeof LOG_ROUTES> {
  const { store, clock, watch } = parts;
  const waitForClient = createClientWaits();
  const findRow = ({ id, number }: { id: string; number: string }): LogRow =>
    getLog(store, id, Number(number)) ?? refuseDelivery(`${id}/${number}`);

  return {
    log: async ({ query, signal }) =>
      (await readLogPage(store, clock, query, signal)) ?? refuse('bad_request', 'cursor is not one of ours'),
    logRecord: ({ params, query }) => viewLogRowDetail(store, clock, findRow(params), capOf(query)),
    // Asked anew, with the secrets that only the gateway knows: those rotated away among them.
    async diagnose({ params, query: { computed, at, tolerance } }) {
      const row = findRow(params);
      const question = {
        computed,
        ...(at === undefined ? {} : { now: at }),
        ...(tolerance === undefined
          ? {}
          : { tolerance: tolerance === 'off' ? Number.POSITIVE_INFINITY : tolerance }),
      };
      if (cutFrom(row) !== null) refuse('bad_request', 'only a part of this body is kept: see its error');
      const diagnosis = (await parts.recordDiagnoser.answer(row, question)) ?? refuse('unknown_ats');
      return { id: `${row.delivery_id}/${row.number}`, direction: row.direction, diagnosis };
    },
    async waitForDelivery({ query, ...call }) {
      const criteria = criteriaOfQuery(query);
      if ('unreadable' in criteria) refuse('bad_request', criteria.unreadable);
      return waitForClient(call, query.timeout_ms, (timeoutMs, signal) =>
        watch.wait(criteria, timeoutMs, signal),
      );
    },
    delivery: ({ params, query }) =>
      viewDeliveryDetail(store, clock, params.id, capOf(query)) ?? refuseDelivery(params.id),
    lookupDeliveries: ({ body }) => ({
      items: body.ids.flatMap((id) => {
        const row = getDelivery(store, id);
        return row ? [viewDelivery(store, clock, row)] : [];
      }),
    }),
    trace: ({ params }) => readTrace(store, clock, params.id, parts.worker) ?? refuse('unknown_reference'),
    async wait({ params, query: { until, timeout_ms }, ...call }) {
      const result = await waitForClient(call, timeout_ms, (timeoutMs, signal) =>
        waitForReference(parts, params.id, until, timeoutMs, signal),
      );
      return result ?? (call.response.destroyed ? null : refuse('unknown_reference'));
    },
    belongings: ({ params }) => ({ items: findBelongings(store, params.id) }),
  };
}

/** The log's cap is for reading. */
function capOf(query: { body: 'capped' | 'whole' }): number | undefined {
  return query.body === 'whole' ? Number.POSITIVE_INFINITY : undefined;
}

function refuse(...args: Parameters<typeof refused>): never {
  throw refused(...args);
}

function refuseDelivery(id: string): never {
  throw refused('unknown_delivery', `${id}: there is no such delivery or attempt`);
}
