import { OUTGOING_EVENTS } from '../../../contract/event-names.ts';
import { sign } from '../../../signing/index.ts';
import type { PostResult } from '../../signed-post.ts';
import { OUTGOING, RECEIVING } from '../documented.ts';
import { type Case, describeAnswer, isAccepted, judgeCases } from '../judge.ts';
import { failed, type Probe, passed, type Receiver } from '../probe.ts';
import { now, signedRequest } from '../requests.ts';

/** Every other probe needs this one: a receiver that refuses everything would pass most of them. */
export const ACCEPTS_VALID = 'accepts-valid';

const acceptsValid: Probe = {
  id: ACCEPTS_VALID,
  level: 'required',
  title: 'A valid webhook is accepted in time',
  why: 'CarvOS counts a delivery as failed unless a 2xx arrives whole within 5 seconds, and sends it again.',
  documented: RECEIVING,
  fix: 'Check path and secret. Verify, store the event, answer 200, and do the work afterwards.',
  live: true,
  async run(receiver) {
    const own = receiver.ownBodies?.[0];
    const event = receiver.fresh();
    const request = signedRequest(receiver, event, { body: own });
    const result = await receiver.post(request, 'a valid webhook');
    if (isAccepted(result)) return passed();
    const details = [describeAnswer(result)];
    const hint = own === undefined ? await findReason(receiver, result) : null;
    return failed(...details, ...(hint === null ? [] : [hint]));
  },
};

/** The likeliest mistakes behind a refusal, where they are known. */
async function findReason(receiver: Receiver, result: PostResult): Promise<string | null> {
  if (!result.ok) return null;
  const { status } = result;
  if (status >= 300 && status <= 399) return 'redirects are not followed: use the URL that it leads to';
  if (status === 404 || status === 405) return 'check the path of the URL';
  if ((status !== 401 && status !== 403) || receiver.incomingSecret === null) return null;
  const request = signedRequest(receiver, receiver.fresh(), { secret: receiver.incomingSecret });
  const other = await receiver.post(request, 'signed with the incoming secret');
  return isAccepted(other)
    ? 'it accepts the incoming secret instead: give it the outgoing secret'
    : 'carvos verify --computed explains the value that it computes';
}

const everyEvent: Probe = {
  id: 'every-event',
  level: 'required',
  title: 'A valid webhook of every outgoing event is accepted',
  why: 'There is one webhook URL for all events. What it does not accept is sent five times, and then lost.',
  documented: OUTGOING,
  fix: 'Answer 200 to every event, also to those that you do not use. Their data differ: read no field that an event may lack.',
  after: [ACCEPTS_VALID],
  live: true,
  run(receiver) {
    const accept = (what: string, request: Case['request']): Case => ({
      what,
      request,
      expected: 'accepted',
    });
    if (receiver.ownBodies !== null) {
      const cases = receiver.ownBodies.slice(1).map((body, index) =>
        accept(`your event ${index + 2}`, {
          body,
          signature: sign(body, receiver.secret, { timestamp: now() }),
        }),
      );
      return judgeCases(receiver, cases);
    }
    return judgeCases(
      receiver,
      OUTGOING_EVENTS.map((name) => accept(name, signedRequest(receiver, receiver.fresh(name)))),
    );
  },
};

export const ACCEPTANCE: readonly Probe[] = [acceptsValid, everyEvent];
