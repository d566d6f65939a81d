import { expect, onTestFinished, test } from 'vitest';
import { createRecordDiagnoser } from '../../../src/emulator/log/diagnose-record.ts';
import { insertLog, newLogRow } from '../../../src/emulator/store/log.ts';
import { openStore } from '../../../src/emulator/store/open-store.ts';
import { signLikeTheGuides } from '../../support/sign.ts';

/** Two gateways' logs count from one: what was looked into may end after the other's content was restored. */
test.each([
  ['dlv_here', true],
  ['dlv_of_another', false],
])('a diagnosis goes to the record that it is of (by then %s)', async (id, isKept) => {
  const store = openStore(':memory:');
  onTestFinished(() => store.close());
  const [incoming, outgoing] = ['one', 'other'].map((value) => [
    { value, retired_at: null, valid_until: null },
  ]);
  const { diagnose } = createRecordDiagnoser({
    store,
    registry: { get: () => ({ secrets: { incoming, outgoing } }) } as never,
    onError(error) {
      throw error;
    },
  });
  const body = Buffer.from('{"event":"candidate.created"}');
  const row = insertLog(
    store,
    newLogRow({
      delivery_id: 'dlv_here',
      direction: 'incoming',
      ats_id: 'demo-ats',
      outcome: 'failure',
      occurred_at: 1_000_000_000,
      url: '/',
      request_headers: '{}',
      body,
      signature: signLikeTheGuides(body, 'other', 1_000_000),
    }),
  );
  const diagnosis = diagnose(row);
  store.sql('UPDATE log SET delivery_id = ? WHERE seq = ?').run(id, row.seq);
  expect(await diagnosis).not.toBeNull();
  const kept = store.sql<{ diagnosis: string | null }>('SELECT diagnosis FROM log').get()!;
  expect(kept.diagnosis !== null).toBe(isKept);
});
