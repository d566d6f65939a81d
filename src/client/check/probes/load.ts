import { randomUUID } from 'node:crypto';
import { RECEIVING, undocumented } from '../documented.ts';
import { accepts, judgeCases, problemWith } from '../judge.ts';
import { failed, type Probe, type ProbeEvent, passed } from '../probe.ts';
import { signedRequest, toBody } from '../requests.ts';
import { ACCEPTS_VALID } from './acceptance.ts';

const AT_ONCE = 20;
const LARGE_BYTES = 1024 * 1024;

const concurrent: Probe = {
  id: 'concurrent',
  level: 'advisory',
  title: `${AT_ONCE} webhooks at once are accepted in time`,
  why: 'Deliveries to one receiver run at the same time. After an import, or when a receiver comes back, many arrive together.',
  documented: `${RECEIVING} (5 seconds for each)`,
  fix: 'Serve requests concurrently, and put the work on a queue instead of doing it before the answer.',
  after: [ACCEPTS_VALID],
  async run(receiver) {
    const results = await Promise.all(
      Array.from({ length: AT_ONCE }, () =>
        receiver.post(signedRequest(receiver, receiver.fresh()), 'one of many at once'),
      ),
    );
    const problems = results.flatMap((result) => problemWith(result, 'accepted') ?? []);
    if (problems.length === 0) return passed();
    // The same refusal many times says no more than once.
    const kinds = [...new Set(problems)].slice(0, 3);
    return failed(`${problems.length} of ${AT_ONCE} were not accepted`, ...kinds);
  },
};

const largeBody: Probe = {
  id: 'large-body',
  level: 'advisory',
  title: 'A body of 1 MiB is accepted',
  why: 'A transcript of a long meeting is large. Many frameworks stop at 100 kB unless they are configured otherwise.',
  documented: undocumented('no limit is; 1 MiB is what carvos takes in the other direction'),
  fix: "Raise the limit, also in proxies: express.raw({ limit: '2mb' }), client_max_body_size 2m.",
  after: [ACCEPTS_VALID, 'every-event'],
  run(receiver) {
    const event = receiver.fresh('meeting.transcript_ready');
    const filled = (transcript: string) => ({
      ...event,
      data: { ...(event.data as ProbeEvent), transcript },
    });
    const room = LARGE_BYTES - toBody(filled('')).length;
    const request = signedRequest(receiver, filled('x'.repeat(room)));
    return judgeCases(receiver, [accepts('1 MiB', request)]);
  },
};

const reorder: Probe = {
  id: 'reorder',
  level: 'advisory',
  title: 'Events are accepted in another order than they happened',
  why: 'Order is not promised: a retry comes minutes or hours after what happened later.',
  documented: undocumented('nothing promises an order, and retries change it'),
  fix: 'Accept what refers to something that you do not know yet: store it, or create it from the data. Let timestamp decide which is newer.',
  faults: ['reorder'],
  after: [ACCEPTS_VALID, 'every-event'],
  run(receiver) {
    const id = `carvos-check-${randomUUID()}`;
    const about = (name: string) => {
      const event = receiver.fresh(name);
      const data = { ...(event.data as ProbeEvent), candidate_id: id };
      return signedRequest(receiver, { ...event, data });
    };
    const created = about('candidate.created');
    return judgeCases(receiver, [
      accepts('candidate.updated before candidate.created', about('candidate.updated')),
      accepts('candidate.deleted before candidate.created', about('candidate.deleted')),
      accepts('candidate.created after the others', created),
    ]);
  },
};

export const LOAD: readonly Probe[] = [concurrent, largeBody, reorder];
