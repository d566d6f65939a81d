import { OUTGOING_EVENTS } from '../../../contract/event-names.ts';
import { maskLocation } from '../../../contract/mask-url.ts';
import { computeSignature, formatSignatureHeader, sign } from '../../../signing/index.ts';
import { answerWords } from '../../../transport/answer-words.ts';
import { explainAnswer, secretsFor } from '../../explain-answer.ts';
import { explainStatus } from '../../explain-status.ts';
import { isAccepted, type PostResult } from '../../post-bytes.ts';
import { OUTGOING, RECEIVING } from '../documented.ts';
import { accepts, excerptAnswer, judgeCases } from '../judge.ts';
import { failed, type Probe, type ProbeRequest, passed, type Receiver } from '../probe.ts';
import { now, signedRequest, toBody } from '../requests.ts';

/** Every other probe needs this one: a receiver that refuses everything would pass most of them. */
export const ACCEPTS_VALID = 'accepts-valid';

export const acceptsValid: Probe = {
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
    const reasons = explainRefusal(receiver, request, result);
    if (reasons.length > 0) return failed(excerptAnswer(result), ...reasons);
    const hint = own === undefined ? await findReason(receiver, result) : null;
    return failed(excerptAnswer(result), ...(hint === null ? [] : [hint]));
  },
};

/** What is proved, where its 401 says what it computed. */
function explainRefusal(receiver: Receiver, { body, signature }: ProbeRequest, result: PostResult): string[] {
  if (!result.ok || result.status !== 401 || signature === null) return [];
  const secrets = secretsFor(receiver.secret, receiver.incomingSecret);
  return explainAnswer({ body, signature, secrets }, result.body);
}

/** The likeliest mistakes behind a refusal, where they are known. */
async function findReason(receiver: Receiver, result: PostResult): Promise<string | null> {
  if (!result.ok) return null;
  const { status } = result;
  const about = { url: receiver.url.href, words: answerWords(result.body), shown: true };
  const location = maskLocation(result.headers.location, about.url);
  if (status >= 400 && status < 500 && (await acceptsMilliseconds(receiver)))
    return 'it accepts a t in milliseconds: t is in seconds, so compare it with Date.now() / 1000';
  if (status !== 401 || receiver.incomingSecret === null)
    return explainStatus(status, { ...about, location });
  const request = signedRequest(receiver, receiver.fresh(), { secret: receiver.incomingSecret });
  const other = await receiver.post(request, 'signed with the incoming secret');
  return isAccepted(other)
    ? 'it accepts the incoming secret instead: give it the outgoing secret'
    : 'most likely it refuses the signature: let its 401 answer the hex digits that it computed, and check explains them';
}

/** Whether it would have taken the time in another unit; asked of a receiver that refuses what is right. */
async function acceptsMilliseconds(receiver: Receiver): Promise<boolean> {
  const event = receiver.fresh();
  const body = toBody(event);
  const t = String(Date.now());
  const signature = formatSignatureHeader(t, computeSignature(body, receiver.secret, t));
  return isAccepted(await receiver.post({ body, signature, event }, 't in milliseconds'));
}

export const everyEvent: Probe = {
  id: 'every-event',
  level: 'required',
  title: 'A valid webhook of every outgoing event is accepted',
  why: 'There is one webhook URL for all events. What it does not accept is sent five times, and then lost.',
  documented: OUTGOING,
  fix: 'Answer 200 to every event, also to those that you do not use. Their data differ: read no field that an event may lack.',
  after: [ACCEPTS_VALID],
  live: true,
  run(receiver) {
    if (receiver.ownBodies !== null) {
      const cases = receiver.ownBodies.slice(1).map((body, index) => {
        const signature = sign(body, receiver.secret, { timestamp: now() });
        return accepts(`your event ${index + 2}`, { body, signature });
      });
      return judgeCases(receiver, cases);
    }
    return judgeCases(
      receiver,
      OUTGOING_EVENTS.map((name) => accepts(name, signedRequest(receiver, receiver.fresh(name)))),
    );
  },
};
