import { OUTGOING, undocumented } from '../documented.ts';
import { accepts, judgeCases } from '../judge.ts';
import type { Probe, ProbeEvent } from '../probe.ts';
import { signedRequest } from '../requests.ts';
import { ACCEPTS_VALID } from './acceptance.ts';

export const unknownFields: Probe = {
  id: 'unknown-fields',
  level: 'recommended',
  title: 'Fields that you do not know are accepted',
  why: 'CarvOS may add a field on any day. A receiver that refuses it loses every event from then on.',
  documented: undocumented('adding fields is how JSON interfaces usually grow'),
  fix: 'Ignore what you do not know: no additionalProperties: false, no extra="forbid", no strict schema.',
  after: [ACCEPTS_VALID],
  run(receiver) {
    const event = receiver.fresh();
    const top = { ...event, carvos_check_field: { added: ['later'] } };
    const other = receiver.fresh();
    const inside = { ...other, data: { ...(other.data as ProbeEvent), carvos_check_field: null } };
    return judgeCases(receiver, [
      accepts('beside data', signedRequest(receiver, top)),
      accepts('in data', signedRequest(receiver, inside)),
    ]);
  },
};

export const unknownEvent: Probe = {
  id: 'unknown-event',
  level: 'recommended',
  title: 'Events that you do not know are accepted',
  why: 'All events come to one URL. A new kind that you refuse is sent five times, and counts as your failure.',
  documented: `${OUTGOING} (the events of today)`,
  fix: 'Answer 200 to an event that you have no code for, and do nothing.',
  after: [ACCEPTS_VALID],
  run(receiver) {
    const event = { ...receiver.fresh(), event: 'carvos_check.happened' };
    return judgeCases(receiver, [accepts('carvos_check.happened', signedRequest(receiver, event))]);
  },
};
