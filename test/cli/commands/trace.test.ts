import { expect, test } from 'vitest';
import { Trace } from '../../../src/contract/control.ts';
import { outgoingSample } from '../../../src/contract/samples.ts';
import { productionOf, startDemoGateway } from '../../support/demo-gateway.ts';
import { postWebhook } from '../../support/emulator.ts';

test('the whole story on both clocks, with what comes next and why', async () => {
  const gateway = await startDemoGateway((_one, index) => (index === 2 ? 200 : 500));
  const origin = await gateway.deliver({ event_id: 'evt-mine' });
  await gateway.control.clockMove({ advance: 60_000 });
  const { code, stdout, stderr } = await gateway.carvos('trace', origin.reference_id);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(`reference ${origin.reference_id}`);
  expect(stdout).toMatch(/accepted {2}candidate\.created {2}incoming \(ATS → CarvOS\) {2}by webhook/);
  expect(stdout).toContain('event_id evt-mine, client acme-corp');
  expect(stdout).toMatch(/AI job {4}done {2}began \+[\d.]+m?s {2}took [\d.]+m?s/);
  expect(stdout).toMatch(/\+[\d.]+m?s +\+[\d.]+m?s +1\/5 +[\d.]+m?s +500 failure/);
  // Production would have taken a minute; here no time passed.
  const production = productionOf(await gateway.control.trace(origin.reference_id), 2);
  expect(production).toMatch(/^1m/);
  expect(stdout).toMatch(new RegExp(`\\+${production} +\\+[\\d.]+m?s +2/5 +[\\d.]+m?s +500 failure`));
  expect(stdout).toContain('next: attempt 3/5 in 5m (when the clock moves): 5m after the end of attempt 2');

  await gateway.control.replay(origin.id);
  const replayed = await gateway.carvos('trace', origin.reference_id);
  expect(replayed.stdout).toMatch(/- +\+[\d.]+m?s +replay +[\d.]+m?s +200/);
  expect(replayed.stdout).toContain(`replays ${origin.id}`);
  const json = await gateway.carvos('trace', origin.reference_id, '--json');
  expect(Trace.parse(JSON.parse(json.stdout)).deliveries).toHaveLength(2);
});

test('the attempt of a test event is called one', async () => {
  const gateway = await startDemoGateway();
  const sample = outgoingSample('candidate.created');
  await gateway.control.sendTestEvent('demo-ats', Buffer.from(JSON.stringify(sample)));
  const { stdout } = await gateway.carvos('trace', sample.reference_id);
  expect(stdout).toMatch(/- +\+[\d.]+m?s +test +[\d.]+m?s +200/);
  expect(stdout).not.toContain('replay');
});

test('other ids lead to their reference', async () => {
  const gateway = await startDemoGateway();
  const origin = await gateway.deliver({ event_id: 'evt-mine' });
  const cases = [
    [origin.id, 'a delivery'],
    [`${origin.id}/1`, 'an attempt'],
    ['evt-mine', 'an incoming event'],
    [origin.event_id!, 'an outgoing event'],
  ];
  for (const [id, what] of cases) {
    const { code, stdout, stderr } = await gateway.carvos('trace', id!);
    expect([id, code]).toEqual([id, 0]);
    expect(stderr).toContain(what);
    expect(stdout).toContain(`reference ${origin.reference_id}`);
  }
  expect((await gateway.carvos('trace', origin.reference_id.toUpperCase())).code).toBe(0);
});

test('an id that this gateway never gave out ends with 2 and says what it says', async () => {
  const gateway = await startDemoGateway();
  // Made at 2026-01-15T10:28:00Z: the first 48 bits are its milliseconds.
  const hex = Date.parse('2026-01-15T10:28:00Z').toString(16).padStart(12, '0');
  const foreign = `${hex.slice(0, 8)}-${hex.slice(8)}-7abc-8def-0123456789ab`;
  const cases = [
    [foreign, 'never gave it out', 'made at 2026-01-15T10:28:00.000Z'],
    ['7c2a5f88-1111-4222-8333-444455556666', 'UUID version 4', 'never gave it out'],
    ['dlv_nope', 'looks like a delivery', 'carvos deliveries'],
    ['evt_nope', 'looks like an event_id', 'carvos deliveries'],
    ['nonsense', 'is no reference_id', 'carvos deliveries'],
  ];
  for (const [id, ...texts] of cases) {
    for (const command of ['trace', 'report']) {
      const { code, stdout, stderr } = await gateway.carvos(command, id!);
      expect([id, code, stdout]).toEqual([id, 2, '']);
      for (const text of texts) expect(stderr).toContain(text);
    }
  }
  await postWebhook(gateway.emulator.url, { event: 'x' }, { ats: 'demo-ats', signature: 't=1,v1=0' });
  const refused = (await gateway.control.log()).items[0]!;
  const { code, stderr } = await gateway.carvos('trace', refused.delivery_id);
  expect(code).toBe(2);
  expect(stderr).toContain('was refused');
});
