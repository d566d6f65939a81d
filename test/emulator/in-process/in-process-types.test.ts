import { expectTypeOf, test } from 'vitest';
import type { Emulator, OutgoingDelivery } from '../../../src/emulator/index.ts';

/** Checked by the compiler (`npm run typecheck`); nothing here runs. */
declare const emulator: Emulator;

test('what is waited for is typed to the contract', () => {
  const use = async () => {
    const application = await emulator.waitFor({ event: 'application.created' });
    expectTypeOf(application.event).toEqualTypeOf<'application.created'>();
    expectTypeOf(application.data.score).toEqualTypeOf<number | null>();
    expectTypeOf(application.data.score_reasons).toEqualTypeOf<string[]>();
    expectTypeOf(application.status).toEqualTypeOf<'success'>();

    const candidate = await emulator.waitFor({ event: 'candidate.created', data: { first_name: 'Jane' } });
    expectTypeOf(candidate.data.first_name).toEqualTypeOf<string>();

    const failed = await emulator.waitFor({ event: 'application.created', status: 'failed' });
    expectTypeOf(failed.error.code).toEqualTypeOf<string>();
    expectTypeOf(failed.data).toEqualTypeOf<Record<string, unknown>>();

    const any = await emulator.waitFor({ reference_id: 'r' });
    if (any.event === 'meeting.transcript_ready') expectTypeOf(any.data.transcript).toEqualTypeOf<string>();

    const listed = emulator.deliveries({ event: 'application.created' });
    expectTypeOf(listed).toEqualTypeOf<OutgoingDelivery<'application.created'>[]>();
    for (const one of listed) {
      if (one.status === 'success') expectTypeOf(one.data.score).toEqualTypeOf<number | null>();
      else expectTypeOf(one.error.message).toEqualTypeOf<string>();
    }

    // @ts-expect-error no outgoing event has this name
    await emulator.waitFor({ event: 'workspace.created' });
    // @ts-expect-error no such filter
    await emulator.waitFor({ evnt: 'candidate.created' });
  };
  expectTypeOf(use).toBeFunction();
});

test('what is sent is typed too', () => {
  const use = async () => {
    await emulator.send('candidate.created', { email: 'jane@example.com', own_field: 1 });
    await emulator.send({ event: 'vacancy.deleted', vacancy_id: 'v-1' });
    const sent = await emulator.send({
      event: 'candidate.created',
      candidate_id: 'c',
      first_name: 'a',
      last_name: 'b',
      email: 'a@b.nl',
    });
    expectTypeOf(sent.reference_id).toEqualTypeOf<string>();
    // @ts-expect-error no incoming event has this name
    await emulator.send('meeting.notes_ready');
    // @ts-expect-error a candidate needs more
    await emulator.send({ event: 'candidate.created', candidate_id: 'c' });
    // @ts-expect-error an address is text
    await emulator.send('candidate.created', { email: 1 });
  };
  expectTypeOf(use).toBeFunction();
});
