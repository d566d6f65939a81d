import { randomBytes } from 'node:crypto';
import { computeSignature } from '../../../signing/index.ts';
import { RECEIVING, undocumented } from '../documented.ts';
import { accepts, judgeCases } from '../judge.ts';
import type { Probe } from '../probe.ts';
import { now, toBody } from '../requests.ts';
import { ACCEPTS_VALID } from './acceptance.ts';
import { CHECKS_AT_ALL } from './signatures.ts';

/** Headers that nobody can verify, each of which breaks some way of reading or comparing. */
function malformedHeaders(): Record<string, string | null> {
  const t = now();
  const hex = randomBytes(32).toString('hex');
  return {
    'no header': null,
    'an empty header': '',
    'only a word': 'garbage',
    'only commas and equals signs': ',=,,=',
    'no v1': `t=${t}`,
    'no t': `v1=${hex}`,
    'a v1 that is too short': `t=${t},v1=${hex.slice(0, 10)}`,
    'a v1 that is no hex': `t=${t},v1=${'z'.repeat(64)}`,
    'a v1 with letters beyond ASCII': `t=${t},v1=${'é'.repeat(64)}`,
    'a t that is no number': `t=yesterday,v1=${hex}`,
    'a t without end': `t=${'9'.repeat(400)},v1=${hex}`,
  };
}

export const malformedHeader: Probe = {
  id: 'malformed-header',
  level: 'recommended',
  title: 'A malformed signature header is answered with 4xx',
  why: 'A header is input from a stranger. A 500 means that it crashed your code: it fills your alerts, and can hide worse.',
  documented: `${RECEIVING} (401 for a signature that does not verify)`,
  fix: 'Treat what cannot be read as a wrong signature: answer 401. Check the length before timingSafeEqual, and compare bytes with hmac.compare_digest.',
  after: CHECKS_AT_ALL,
  run: (receiver) =>
    judgeCases(
      receiver,
      Object.entries(malformedHeaders()).map(([what, signature]) => {
        const event = receiver.fresh();
        return { what, request: { body: toBody(event), signature, event }, expected: 'refused-4xx' };
      }),
    ),
};

export const twoV1: Probe = {
  id: 'two-v1',
  level: 'advisory',
  title: 'Of two v1 either may fit',
  why: 'While a secret is rotated, a sender can sign with the old and the new one. CarvOS sends one v1 today.',
  documented: undocumented('one v1 is documented, several are usual for this form of header'),
  fix: 'Collect every v1 and accept when one of them fits; do not keep only the first or the last.',
  after: [ACCEPTS_VALID],
  run(receiver) {
    const signedTwice = (place: 'first' | 'second') => {
      const event = receiver.fresh();
      const body = toBody(event);
      const t = now();
      const right = computeSignature(body, receiver.secret, t);
      const wrong = randomBytes(32).toString('hex');
      const [first, second] = place === 'first' ? [right, wrong] : [wrong, right];
      const signature = `t=${t},v1=${first},v1=${second}`;
      return accepts(`the ${place} v1 fits`, { body, signature, event });
    };
    return judgeCases(receiver, [signedTwice('first'), signedTwice('second')]);
  },
};
