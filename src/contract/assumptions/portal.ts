import type { CatalogueEntry } from './assumption.ts';

/** Assumptions of the delivery log and the portal (contract, sections 6 and 7). */
export const PORTAL_ASSUMPTIONS = [
  {
    id: 'log-outcomes',
    section: 6,
    what: '`failure` means answered, but not 2xx; `error` means no complete answer. An attempt cut off by a stop of the emulator is `interrupted`.',
    where: 'outcome in the delivery log.',
    why: 'The words are documented, what tells them apart is not.',
    check: 'Compare with the portal after a refused connection and after a 500.',
  },
  {
    id: 'log-caps-view-only',
    section: 6,
    what: 'The size caps apply to what the log shows; what was sent is kept whole, for replay and diagnosis. The cap on requests is 64 KiB, as for answers.',
    where: 'Bodies in the delivery log.',
    why: 'Production caps the request as well; how much of it is not documented.',
    check: 'Look at a large delivery in the portal.',
  },
  {
    id: 'rotation-overlap',
    what: 'A replaced incoming secret can go on verifying for a while (`--overlap`); without that it stops at once, and so do older ones. An outgoing webhook is signed with the new secret at once, with exactly one `v1`.',
    where: 'carvos config rotate, for the two secrets. An API key has no overlap.',
    why: 'The portal says that secrets are rotated and that an old API key stops at once; of an overlap it says nothing.',
    check: 'Plan a rotation without an overlap; ask support whether there is one.',
  },
  {
    id: 'test-event-attempts',
    what: 'A test event is attempted once, outside the retry schedule, and stands in the delivery log, marked as a test.',
    where: 'carvos trigger beside a running gateway.',
    why: 'The portal shows the status, time and body of one attempt; of retries it says nothing.',
    check:
      'Send a test event from the portal to a receiver that answers 500, and look at the delivery log after two minutes.',
  },
] as const satisfies readonly CatalogueEntry[];
