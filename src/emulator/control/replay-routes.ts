import type { REPLAY_ROUTES } from '../../contract/control/routes/log.ts';
import { refused } from '../../contract/errors.ts';
import { findTlsProblem, type ReceiverTls } from '../../transport/receiver-tls.ts';
import { viewDeliveryDetail } from '../log/view-delivery.ts';
import type { HandlersOf } from './call.ts';
import type { ControlParts } from './parts.ts';

/** Longest wait for a replay's attempt, wall milliseconds; whoever wants to wait longer asks again. */
const MAX_WAIT_MS = 30_000;
/** Beyond the receiver's own limit: to be claimed, and written down. */
const WAIT_SLACK_MS = 2000;

/** Delivering again. */
export function createReplayHandlers(parts: ControlParts): HandlersOf<typeof REPLAY_ROUTES> {
  const { store, clock, replayer } = parts;

  return {
    async replay({ params, body: { body_base64, receiver_ca, insecure_receiver, ...options }, signal }) {
      const tls = readTls(receiver_ca, insecure_receiver);
      const body = body_base64 === undefined ? undefined : Buffer.from(body_base64, 'base64');
      const [replay] = await replayer.replay([params.id], { ...options, body, tls });
      const { receiverTimeoutMs } = parts.settings();
      const limit = Math.min((receiverTimeoutMs ?? MAX_WAIT_MS) + WAIT_SLACK_MS, MAX_WAIT_MS);
      await replayer.waitForAttempt(replay!.id, limit, signal);
      const made = viewDeliveryDetail(store, clock, replay!.id);
      // It went with the content that was there.
      if (made === null && !signal.aborted) throw refused('replacing');
      return made;
    },
    async replayMany({ body }) {
      const { ids: named, dry_run, since, to, original, receiver_ca, insecure_receiver, ...filter } = body;
      const tls = readTls(receiver_ca, insecure_receiver);
      const isFiltered =
        filter.exhausted ||
        since !== undefined ||
        filter.event !== undefined ||
        filter.client_id !== undefined;
      if ((named === undefined) !== isFiltered) {
        throw refused('bad_request', 'say which deliveries: either ids, or exhausted or another filter');
      }
      const ids =
        named === undefined
          ? await replayer.select({
              ...filter,
              to,
              since: since === undefined ? undefined : Date.parse(since),
            })
          : [...new Set(named)];
      const items = dry_run
        ? ids.map((id) => ({ replay_of: id, id: null }))
        : await replayer.replay(ids, { to, original, tls });
      return { count: items.length, items };
    },
  };
}

/** `undefined` where the gateway's own rules hold. */
function readTls(ca: string[] | undefined, insecure: boolean | undefined): ReceiverTls | undefined {
  if (ca === undefined && insecure === undefined) return undefined;
  const tls = { ca, insecure };
  const problem = findTlsProblem(tls);
  if (problem !== null) throw refused('validation', `receiver_ca: ${problem}`);
  return tls;
}
