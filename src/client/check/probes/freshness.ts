import { OFF_BY_SECONDS } from '../../../contract/faults.ts';
import { computeSignature, formatSignatureHeader } from '../../../signing/index.ts';
import { AUTHENTICATION } from '../documented.ts';
import { accepts, judgeCases, refuses } from '../judge.ts';
import type { Probe } from '../probe.ts';
import { now, signedRequest, toBody } from '../requests.ts';
import { ACCEPTS_VALID } from './acceptance.ts';
import { CHECKS_AT_ALL } from './signatures.ts';

export const stale: Probe = {
  id: 'stale',
  level: 'recommended',
  title: 'A signature that is ten minutes old is refused',
  why: 'A webhook that somebody recorded could be sent again at any later time.',
  documented: AUTHENTICATION,
  fix: 'Refuse when |now - t| > 300 seconds, and when t is not a number: a comparison with NaN is always false.',
  faults: ['stale'],
  after: CHECKS_AT_ALL,
  run(receiver) {
    const event = receiver.fresh();
    const body = toBody(event);
    const signature = formatSignatureHeader('soon', computeSignature(body, receiver.secret, 'soon'));
    return judgeCases(receiver, [
      refuses('t ten minutes ago', signedRequest(receiver, receiver.fresh(), { t: now() - OFF_BY_SECONDS })),
      refuses('t=soon, rightly signed', { body, signature, event }),
    ]);
  },
};

export const future: Probe = {
  id: 'future',
  level: 'recommended',
  title: 'A signature from ten minutes ahead is refused',
  why: 'A time ahead would stay valid for longer than you allow, and shows that a clock is wrong.',
  documented: AUTHENTICATION,
  fix: 'Compare the absolute difference: |now - t| > 300, not now - t > 300.',
  faults: ['future'],
  after: [...CHECKS_AT_ALL, 'stale'],
  run: (receiver) =>
    judgeCases(receiver, [
      refuses('t in ten minutes', signedRequest(receiver, receiver.fresh(), { t: now() + OFF_BY_SECONDS })),
    ]),
};

const WITHIN_SECONDS = 120;

export const recent: Probe = {
  id: 'recent',
  level: 'advisory',
  title: 'A signature that is two minutes off is accepted',
  why: 'Clocks of two machines differ, and a request may wait in a queue. The documented tolerance is 300 seconds.',
  documented: AUTHENTICATION,
  fix: 'Allow 300 seconds, counted in the same unit on both sides: t is in seconds, Date.now() in milliseconds.',
  after: [ACCEPTS_VALID],
  run: (receiver) =>
    judgeCases(
      receiver,
      [-WITHIN_SECONDS, WITHIN_SECONDS].map((off) => {
        const request = signedRequest(receiver, receiver.fresh(), { t: now() + off });
        return accepts(`t two minutes ${off < 0 ? 'ago' : 'ahead'}`, request);
      }),
    ),
};
