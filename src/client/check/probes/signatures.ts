import { randomBytes } from 'node:crypto';
import { tamperBody } from '../../../contract/faults.ts';
import { formatSignatureHeader, sign } from '../../../signing/index.ts';
import { AUTHENTICATION, RECEIVING } from '../documented.ts';
import { judgeCases, problemWith, refuses } from '../judge.ts';
import { failed, notJudged, type Probe } from '../probe.ts';
import { now, signedRequest, toBody } from '../requests.ts';
import { ACCEPTS_VALID } from './acceptance.ts';

/** Where a random signature passes, all others would: the cause is reported once. */
export const CHECKS_AT_ALL = [ACCEPTS_VALID, 'missing-signature', 'wrong-signature'];

const missingSignature: Probe = {
  id: 'missing-signature',
  level: 'required',
  title: 'A webhook without a signature is refused',
  why: 'Your URL is on the internet: anybody who finds it could write into your ATS.',
  documented: RECEIVING,
  fix: 'Verify every request. Answer 401 when X-Webhook-Signature is missing, before anything else looks at the body.',
  after: [ACCEPTS_VALID],
  run: (receiver) => {
    const event = receiver.fresh();
    return judgeCases(receiver, [refuses('no signature', { body: toBody(event), signature: null, event })]);
  },
};

const wrongSignature: Probe = {
  id: 'wrong-signature',
  level: 'required',
  title: 'A signature of the right form with a random value is refused',
  why: 'A header that is only looked for, or only read, protects nothing: its form is public.',
  documented: RECEIVING,
  fix: 'Compute the HMAC-SHA256 over t, a dot and the raw body, and compare it with v1 in constant time.',
  faults: ['wrong-signature'],
  after: [ACCEPTS_VALID, 'missing-signature'],
  run: (receiver) => {
    const event = receiver.fresh();
    const signature = formatSignatureHeader(now(), randomBytes(32).toString('hex'));
    return judgeCases(receiver, [refuses('a random v1', { body: toBody(event), signature, event })]);
  },
};

const wrongSecret: Probe = {
  id: 'wrong-secret',
  level: 'required',
  title: 'A signature with another secret is refused',
  why: 'Only CarvOS and you know the secret. A key that anybody can guess, such as an empty one, lets anybody sign.',
  documented: AUTHENTICATION,
  fix: 'Verify with the configured secret alone. Refuse to start without one: an unset variable must not become an empty key, or the text "undefined".',
  faults: ['wrong-secret'],
  after: CHECKS_AT_ALL,
  run: (receiver) => {
    const secrets = { 'a random secret': randomBytes(32).toString('hex'), 'an empty secret': '' };
    const unset = Object.fromEntries(
      ['undefined', 'null', 'None'].map((text) => [`the text ${text} as secret`, text]),
    );
    const cases = Object.entries({ ...secrets, ...unset }).map(([what, secret]) =>
      refuses(what, signedRequest(receiver, receiver.fresh(), { secret })),
    );
    return judgeCases(receiver, cases);
  },
};

const otherDirection: Probe = {
  id: 'other-direction',
  level: 'required',
  title: 'A signature with the incoming secret is refused',
  why: 'The incoming secret signs what your ATS sends to CarvOS. It is held by other parts of your system, and rotated on its own.',
  documented: AUTHENTICATION,
  fix: 'Verify with the outgoing secret alone.',
  after: CHECKS_AT_ALL,
  async run(receiver) {
    const { incomingSecret: secret } = receiver;
    if (secret === null) return notJudged('the incoming secret is not set');
    if (secret === receiver.secret)
      return failed('incoming and outgoing secret are the same: rotate one of them');
    const request = signedRequest(receiver, receiver.fresh(), { secret });
    return judgeCases(receiver, [refuses('the incoming secret', request)]);
  },
};

const tamperedBody: Probe = {
  id: 'tampered-body',
  level: 'required',
  title: 'A body that was changed after signing is refused',
  why: 'Whoever sees a webhook could change it and send it again, also with an event_id that you know.',
  documented: RECEIVING,
  fix: 'Verify over the whole raw body, and before anything else: also before you look whether the event_id is known.',
  faults: ['tampered-body'],
  after: CHECKS_AT_ALL,
  async run(receiver) {
    const event = receiver.fresh();
    const genuine = signedRequest(receiver, event);
    const tampered = Buffer.from(tamperBody(genuine.body));
    // Signed a second earlier than the genuine one, so that this signature was never seen.
    const signature = sign(genuine.body, receiver.secret, { timestamp: now() - 1 });
    const problem = problemWith(await receiver.post(genuine, 'a valid webhook'), 'accepted');
    if (problem !== null) return failed(`before it, a valid webhook: ${problem}`);
    return judgeCases(receiver, [
      refuses('one byte changed, event_id known', { body: tampered, signature, event }),
    ]);
  },
};

const otherBody: Probe = {
  id: 'other-body',
  level: 'required',
  title: 'A signature that belongs to another body is refused',
  why: 'A signature is in every request and in many logs. If it passed for other bodies, one would be enough.',
  documented: RECEIVING,
  fix: 'Compute the signature of each request from its own body. Remember event_ids, never signatures.',
  after: CHECKS_AT_ALL,
  async run(receiver) {
    const genuine = signedRequest(receiver, receiver.fresh());
    const problem = problemWith(await receiver.post(genuine, 'a valid webhook'), 'accepted');
    if (problem !== null) return failed(`before it, a valid webhook: ${problem}`);
    const event = receiver.fresh();
    const request = { body: toBody(event), signature: genuine.signature, event };
    return judgeCases(receiver, [refuses('a new event with the signature of the one before', request)]);
  },
};

export const SIGNATURES: readonly Probe[] = [
  missingSignature,
  wrongSignature,
  wrongSecret,
  otherDirection,
  tamperedBody,
  otherBody,
];
