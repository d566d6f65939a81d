import { undocumented } from '../documented.ts';
import { isSilent } from '../judge.ts';
import { failed, type Probe, type ProbeRequest, passed, type Receiver } from '../probe.ts';
import { signedRequest } from '../requests.ts';
import { ACCEPTS_VALID } from './acceptance.ts';

/** Requests that make careless code throw; rightly signed, so that they get as far as they can. */
function provocations(receiver: Receiver): Record<string, ProbeRequest> {
  const signed = (text: string | Buffer) => {
    const event = receiver.fresh();
    return signedRequest(receiver, event, { body: Buffer.from(text) });
  };
  return {
    'a body that is no JSON': signed('{"event": "candidate.created", '),
    'JSON that is no object': signed('null'),
    'a list': signed('[]'),
    'an empty object': signed('{}'),
    'an empty body': signed(''),
    'a body that is no UTF-8': signed(Buffer.from([0x22, 0xff, 0xfe, 0x22])),
    'a header that is no signature': { ...signed('{}'), signature: 't=,v1' },
  };
}

export const noStackTrace: Probe = {
  id: 'no-stack-trace',
  level: 'advisory',
  title: 'No answer shows a stack trace',
  why: 'A stack trace tells a stranger your framework, its version and your file names. CarvOS keeps answers in its delivery log.',
  documented: undocumented('it is usual advice (OWASP, improper error handling)'),
  fix: 'Answer errors with a short text of your own and log the rest: NODE_ENV=production and an error handler, debug off.',
  after: [ACCEPTS_VALID],
  async run(receiver) {
    for (const [what, request] of Object.entries(provocations(receiver))) {
      const result = await receiver.post(request, what);
      if (isSilent(result)) break;
    }
    const { leaks } = receiver;
    return leaks.length === 0 ? passed() : failed(...leaks.slice(0, 3));
  },
};
