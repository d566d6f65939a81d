import type { NewDelivery } from '../../src/emulator/store/deliveries.ts';

/** A delivery that is due now; what matters to a test is in `fields`. */
export function sampleDelivery(fields: Partial<NewDelivery> = {}): NewDelivery {
  return {
    id: 'dlv_1',
    ats_id: 'a',
    client_id: 'c',
    reference_id: 'r',
    event: 'candidate.created',
    event_id: 'e',
    lane: 'a',
    max_steps: 5,
    due: 0,
    test: false,
    replay_of: null,
    target_url: null,
    fixed_signature: null,
    created_at: 0,
    body: Buffer.from('{}'),
    ...fields,
  };
}
