import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { productionOf, startDemoGateway } from '../../support/demo-gateway.ts';

const PERSON = {
  first_name: 'Sanne',
  last_name: 'van der Meulen',
  email: 'sanne.vdm@example.nl',
  phone: '+31 6 12345678',
  bsn: '123456782',
  headline: 'Nurse in Utrecht',
  born: 19870412,
};

test('a report for support: versions, hashes, verdicts and hints, without secrets or personal data', async () => {
  const gateway = await startDemoGateway(() => 401);
  const origin = await gateway.deliver({ event_id: 'evt-mine', candidate_id: 'cand-7', ...PERSON });
  await gateway.control.changeAts('demo-ats', { webhook_url: `${gateway.receiver.url}?token=hush` });
  await gateway.control.clockMove('next');
  const { code, stdout, stderr } = await gateway.carvos('report', origin.reference_id);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^# CarvOS reference `/);
  expect(stdout).toContain(process.version);
  expect(stdout).toMatch(/\| carvos \| \d+\.\d+\.\d+/);
  for (const { body } of gateway.receiver.received) {
    expect(stdout).toContain(createHash('sha256').update(body).digest('hex'));
  }
  expect(stdout).toContain('verifies with the configured secret');
  expect(stdout).toContain('is **pending** after 2 attempts, the last one 401 failure');
  expect(stdout).toContain('another secret than the outgoing secret');
  const production = productionOf(await gateway.control.trace(origin.reference_id), 2);
  expect(production).toMatch(/^1m/);
  expect(stdout).toContain(`| 2/5 | +${production} |`);
  for (const kept of ['evt-mine', 'cand-7', 'acme-corp', 'candidate.created']) expect(stdout).toContain(kept);
  // What the documentation says of `phone` and `headline` could not be read.
  expect(stdout).toMatch(/^## Assumptions relied on$/m);
  expect(stdout).toMatch(/^- `[a-z-]+` \(\d+×, first seen with this reference\): /m);
  const hidden = [
    ...['Sanne', 'Meulen', 'example.nl', '12345678', '123456782', 'Nurse', '19870412', 'hush'],
    ...['demo-incoming-secret', 'demo-outgoing-secret', gateway.emulator.controlToken],
    String(gateway.receiver.received[0]!.headers['x-webhook-signature']).split('v1=')[1]!,
  ];
  for (const text of hidden) expect(stdout).not.toContain(text);

  const open = await gateway.carvos('report', origin.reference_id, '--include-bodies');
  for (const text of ['Sanne', 'sanne.vdm@example.nl', '123456782']) expect(open.stdout).toContain(text);
  for (const text of hidden.slice(7)) expect(open.stdout).not.toContain(text);
  const json = JSON.parse((await gateway.carvos('report', origin.reference_id, '--json')).stdout);
  expect(json).toMatchObject({ version: 2, reference_id: origin.reference_id });
  expect(json.markdown).toContain('# CarvOS reference');
});

test('names are hidden in the texts of others, and a body cannot break out of its block', async () => {
  const gateway = await startDemoGateway();
  const origin = await gateway.deliver({ ...PERSON, last_name: 'Bakker' });
  const note = {
    event: 'x',
    error: { code: 'c', message: 'Sanne Bakker, or BAKKER, tel. 06-12345678, ```` | <b>' },
  };
  await gateway.control.replay(origin.id, {
    body_base64: Buffer.from(JSON.stringify(note)).toString('base64'),
  });
  const { stdout } = await gateway.carvos('report', origin.reference_id);
  expect(stdout).toContain('[name], or [name], tel. [phone], ````');
  expect(stdout).toContain('`````\n{');
  expect(stdout).not.toMatch(/bakker/i);
  expect(stdout).toContain('It was replayed once.');
});

test('addresses in identifiers and paths are hidden, and no text becomes a link or an image', async () => {
  const gateway = await startDemoGateway();
  const origin = await gateway.deliver({
    event_id: 'jane.smith@example.com-1',
    user_id: '![x](http://evil.example/t.png)',
    note: { message: '![y](http://evil.example/u.png) \\| cell' },
  });
  const { stdout } = await gateway.carvos('report', origin.reference_id);
  expect(stdout).not.toContain('jane.smith@example.com');
  expect(stdout).toContain('`[e-mail]`');
  expect(stdout).toContain('| user_id | `![x](http://evil.example/t.png)` |');
  const open = await gateway.carvos('report', origin.reference_id, '--include-bodies');
  expect(open.stdout).toContain('`jane.smith@example.com-1`');
});

test('a long text that is no address takes no time', async () => {
  const gateway = await startDemoGateway();
  const origin = await gateway.deliver({ note: { message: 'a'.repeat(900_000), code: 'b'.repeat(60_000) } });
  expect(await gateway.carvos('report', origin.reference_id)).toMatchObject({ code: 0, stderr: '' });
});
