import type { PostResult } from '../../signed-post.ts';
import { OUTGOING } from '../documented.ts';
import { describeAnswer, isAccepted } from '../judge.ts';
import { failed, type Probe, passed, type Receiver, type Verdict } from '../probe.ts';
import { now, signedRequest } from '../requests.ts';
import { ACCEPTS_VALID } from './acceptance.ts';

/** Words by which a receiver says that it has seen an event. */
const SAYS_SO = /duplicate|already|seen|repeat|known|ignored|skipped|processed before/i;

const duplicate: Probe = {
  id: 'duplicate',
  level: 'recommended',
  title: 'A repeated event_id is accepted and counts once',
  why: 'After a lost answer or a timeout CarvOS sends the same event again. Done twice it is a second candidate; refused, it is sent five times.',
  documented: OUTGOING,
  fix: 'Keep event_id under a unique key, in the transaction that stores the event. When it is there already, answer 200 and do nothing.',
  faults: ['duplicate'],
  after: [ACCEPTS_VALID],
  async run(receiver) {
    const event = receiver.fresh();
    const before = receiver.hasState ? await receiver.readState() : null;
    const first = await receiver.post(signedRequest(receiver, event), 'a valid webhook');
    if (!isAccepted(first)) return failed(`the first time: ${describeAnswer(first)}`);
    const between = receiver.hasState ? await receiver.readState() : null;
    // Every attempt has the same bytes and is signed anew (contract, section 5).
    const second = await receiver.post(
      signedRequest(receiver, event, { t: now() + 1 }),
      'the same event again',
    );
    if (!isAccepted(second)) return failed(`the second time: ${describeAnswer(second)}`);
    if (before !== null && between !== null && !before.equals(between)) {
      return compareStates(receiver, between);
    }
    const note = receiver.hasState
      ? ['the state did not change at the first event either, so the answers were compared']
      : [];
    return compareAnswers(first, second, note);
  },
};

async function compareStates(receiver: Receiver, between: Buffer): Promise<Verdict> {
  const after = await receiver.readState();
  return after.equals(between) ? passed() : failed('the state changed at the second time as well');
}

function compareAnswers(first: PostResult, second: PostResult, note: string[]): Verdict {
  if (!first.ok || !second.ok) return failed('no answer');
  const differ = first.status !== second.status || !first.body.equals(second.body);
  if (!differ || SAYS_SO.test(second.body.toString('utf8'))) return passed(...note);
  return failed(
    `the answers differ: ${describeAnswer(first)}, then ${describeAnswer(second)}`,
    ...note,
    'where only a time or request id differs, let --state URL decide',
  );
}

export const IDEMPOTENCY: readonly Probe[] = [duplicate];
