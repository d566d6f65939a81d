import { clearTimeout, setTimeout } from 'node:timers';
import type { Router } from 'express';
import {
  DeliveriesRequest,
  OUTPUT_VERSION,
  ReplayManyRequest,
  type ReplayManyResult,
  ReplayRequest,
} from '../../contract/control.ts';
import { viewDeliveryDetail } from '../log/view-delivery.ts';
import { viewDelivery } from '../log/view-record.ts';
import { ReplayRefused } from '../outgoing/replay.ts';
import { findBelongings } from '../store/belonging.ts';
import { getDelivery } from '../store/deliveries.ts';
import type { ControlParts } from './parts.ts';
import { parseRequest, Refused } from './request.ts';

/** Longest wait for a replay's attempt, wall milliseconds; whoever wants to wait longer asks again. */
const MAX_WAIT_MS = 30_000;
/** Beyond the receiver's own limit: to be claimed, and written down. */
const WAIT_SLACK_MS = 2000;

/** Delivering again, and what helps to find what to deliver again. */
export function addReplayRoutes(router: Router, parts: ControlParts): void {
  const { store, clock, replayer } = parts;

  router.post('/deliveries/:id/replay', async (request, response) => {
    const { body_base64, ...options } = parseRequest(ReplayRequest, request.body);
    const body = body_base64 === undefined ? undefined : Buffer.from(body_base64, 'base64');
    const [replay] = await answerRefusal(replayer.replay([request.params.id], { ...options, body }));
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const limit = Math.min((parts.receiverTimeoutMs() ?? MAX_WAIT_MS) + WAIT_SLACK_MS, MAX_WAIT_MS);
    const timer = setTimeout(() => gone.abort(), limit);
    await replayer.waitForAttempt(replay!.id, gone.signal);
    clearTimeout(timer);
    response.json({ version: OUTPUT_VERSION, ...viewDeliveryDetail(store, clock, replay!.id) });
  });

  router.post('/replays', async (request, response) => {
    const {
      ids: named,
      dry_run,
      since,
      to,
      original,
      ...filter
    } = parseRequest(ReplayManyRequest, request.body);
    const isFiltered =
      filter.exhausted || since !== undefined || filter.event !== undefined || filter.client_id !== undefined;
    if ((named === undefined) !== isFiltered) {
      throw new Refused('bad_request', 'say which deliveries: either ids, or exhausted or another filter');
    }
    const ids =
      named === undefined
        ? await replayer.select({ ...filter, to, since: since === undefined ? undefined : Date.parse(since) })
        : [...new Set(named)];
    const items: ReplayManyResult['items'] = dry_run
      ? ids.map((id) => ({ replay_of: id, id: null }))
      : await answerRefusal(replayer.replay(ids, { to, original }));
    response.json({ version: OUTPUT_VERSION, count: items.length, items } satisfies ReplayManyResult);
  });

  router.post('/deliveries/lookup', (request, response) => {
    const { ids } = parseRequest(DeliveriesRequest, request.body);
    const items = ids.flatMap((id) => {
      const row = getDelivery(store, id);
      return row ? [viewDelivery(store, clock, row)] : [];
    });
    response.json({ version: OUTPUT_VERSION, items });
  });

  router.get('/belongings/:id', (request, response) => {
    response.json({ version: OUTPUT_VERSION, items: findBelongings(store, request.params.id) });
  });
}

async function answerRefusal<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof ReplayRefused ? new Refused(error.code, error.message) : error;
  }
}
