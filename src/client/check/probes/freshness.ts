import { OFF_BY_SECONDS } from '../../../contract/faults.ts';
import { computeSignature, formatSignatureHeader } from '../../../signing/index.ts';
import { AUTHENTICATION } from '../documented.ts';
import { judgeCases } from '../judge.ts';
import type { Probe } from '../probe.ts';
import { now, signedRequest, toBody } from '../requests.ts';
import { CHECKS_AT_ALL } from './signatures.ts';

const stale: Probe = {
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
      {
        what: 't ten minutes ago',
        request: signedRequest(receiver, receiver.fresh(), { t: now() - OFF_BY_SECONDS }),
        expected: 'refused',
      },
      { what: 't=soon, rightly signed', request: { body, signature, event }, expected: 'refused' },
    ]);
  },
};

const future: Probe = {
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
      {
        what: 't in ten minutes',
        request: signedRequest(receiver, receiver.fresh(), { t: now() + OFF_BY_SECONDS }),
        expected: 'refused',
      },
    ]),
};

export const FRESHNESS: readonly Probe[] = [stale, future];
