import { isAccepted, type PostResult } from '../../post-bytes.ts';
import { learnCounter } from '../count-events.ts';
import { OUTGOING } from '../documented.ts';
import { excerptAnswer } from '../judge.ts';
import { failed, type Probe, passed, type Receiver, type Verdict } from '../probe.ts';
import { now, signedRequest } from '../requests.ts';
import { ACCEPTS_VALID } from './acceptance.ts';

const SAYS_SO = /duplicate|already|seen|repeat|known|ignored|skipped|processed before/i;

/** Copies of an event that are in flight together. */
const COPIES = 5;

export const duplicate: Probe = {
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
    if (!isAccepted(first)) return failed(`the first time: ${excerptAnswer(first)}`);
    const between = receiver.hasState ? await receiver.readState() : null;
    // Every attempt has the same bytes and is signed anew (contract, section 5).
    const second = await receiver.post(
      signedRequest(receiver, event, { t: now() + 1 }),
      'the same event again',
    );
    if (!isAccepted(second)) return failed(`the second time: ${excerptAnswer(second)}`);
    if (before !== null && between !== null && !before.equals(between)) {
      return compareStates(receiver, between);
    }
    const note = receiver.hasState
      ? ['the state did not change at the first event either, so the answers were compared']
      : ['only the answers were seen: --state URL shows whether it counted once'];
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
    `the answers differ: ${excerptAnswer(first)}, then ${excerptAnswer(second)}`,
    ...note,
    'where only a time or request id differs, let --state URL decide',
  );
}

export const duplicateAtOnce: Probe = {
  id: 'duplicate-at-once',
  level: 'advisory',
  title: 'The same event_id several times at once is accepted and counts once',
  why: 'After a timeout the first copy may still be at work when the second one arrives: looking first and storing later makes two of it.',
  documented: OUTGOING,
  fix: 'Let the database decide: one insert under a unique key, with ON CONFLICT DO NOTHING, and 200 whoever came first. No look before it.',
  after: [ACCEPTS_VALID, 'duplicate', 'concurrent'],
  async run(receiver) {
    const [single, repeated] = [receiver.fresh(), receiver.fresh()];
    const before = receiver.hasState ? await receiver.readState() : null;
    const once = await receiver.post(signedRequest(receiver, single), 'a valid webhook');
    if (!isAccepted(once)) return failed(`a valid webhook: ${excerptAnswer(once)}`);
    const between = receiver.hasState ? await receiver.readState() : null;
    const results = await Promise.all(
      Array.from({ length: COPIES }, (_, copy) =>
        receiver.post(signedRequest(receiver, repeated, { t: now() + copy }), 'the same event at once'),
      ),
    );
    const refused = results.filter((result) => !isAccepted(result)).map(excerptAnswer);
    if (refused.length > 0)
      return failed(`${refused.length} of ${COPIES} were not accepted`, ...new Set(refused));
    if (before === null || between === null)
      return passed('only the answers were seen: --state URL shows whether it counted once');
    const counter = learnCounter(before, between, String(single.event_id));
    const counted = counter.countBetween(between, await receiver.readState(), String(repeated.event_id));
    if (counted === null || counted === 0)
      return passed('only the answers were seen: the state does not show how often an event counts');
    return counted === 1 ? passed() : failed(`${COPIES} copies at once counted ${counted} times`);
  },
};
