import { expect } from 'vitest';
import { candidate, createTarget, credentials, facts, incoming, prove, sign } from './target.ts';

const target = createTarget();

/** Sends an event whose first attempt is answered so; the log's records about it, newest first. */
async function sendAndRead(answer = 200) {
  target.answers.push(answer);
  const sent = await target.webhook(incoming('candidate.created', candidate()));
  await target.outcome(sent);
  const reference = sent.json.reference_id as string;
  await target.control('GET', `/references/${reference}/wait?until=first-attempt&timeout_ms=30000`);
  return { reference, records: (await read(`reference_id=${reference}`)).items };
}
const read = async (query: string) => (await target.control('GET', `/log?${query}`)).json;
const detail = async (record: { id: string }) => (await target.control('GET', `/log/${record.id}`)).json;

prove('log-records', async () => {
  const { records, reference } = await sendAndRead(500);
  expect(records.map((one: { direction: string }) => one.direction)).toEqual(['outbound', 'inbound']);
  await target.control('POST', '/clock/drain');
  const again = (await read(`reference_id=${reference}`)).items;
  expect(again.map((one: { direction: string; number: number }) => [one.direction, one.number])).toEqual([
    ['outbound', 2],
    ['outbound', 1],
    ['inbound', 1],
  ]);
});

prove('log-filters', async () => {
  await sendAndRead(500);
  await sendAndRead(200);
  for (const direction of ['outbound', 'inbound']) {
    for (const outcome of ['success', 'failure']) {
      const { items } = await read(`direction=${direction}&outcome=${outcome}`);
      for (const one of items) expect(one).toMatchObject({ direction, outcome });
      if (direction === 'outbound' || outcome === 'success') expect(items.length).toBeGreaterThan(0);
    }
  }
  expect((await target.control('GET', '/log?outcome=error')).status).toBe(200);
  const all = (await read('limit=1000')).items.map((one: { id: string }) => one.id);
  const first = await read('limit=2');
  const second = await read(`limit=2&cursor=${first.next_cursor}`);
  expect([...first.items, ...second.items].map((one) => one.id)).toEqual(all.slice(0, 4));
});

prove('log-outbound', async () => {
  const { records } = await sendAndRead(500);
  const record = await detail(records[0]);
  const delivered = target.received.at(-1)!;
  expect(record.request.body).toMatchObject({ text: delivered.body.toString(), truncated: false });
  expect(record.request.signature).toBe(delivered.headers['x-webhook-signature']);
  expect(Object.keys(record.request.headers).sort()).toEqual(
    ['Content-Type', 'Host', 'User-Agent', 'X-Carv-Causation-ID', facts.eventHeader ?? 'X-Carv-Event'].sort(),
  );
  expect(record.response).toMatchObject({ status: 500, body: { text: '{"status":"received"}' } });
  for (const name of Object.keys(record.response.headers)) {
    expect(name).toMatch(/^(content-type|content-length|retry-after|(x-)?ratelimit.*)$/i);
  }
  expect(record.duration_ms).toBeGreaterThan(0);
  expect(Date.parse(record.occurred_at)).toBeLessThan(Date.parse(record.expires_at));
});

prove('log-inbound', async () => {
  const body = JSON.stringify(incoming('candidate.created', candidate()));
  const signature = sign(body, credentials.incomingSecret);
  const sent = await target.webhook(body, { signature });
  const [record] = (await read(`direction=inbound&reference_id=${sent.json.reference_id}`)).items;
  const { request } = await detail(record);
  expect(request.headers).toEqual({ 'Content-Type': 'application/json' });
  expect(request).toMatchObject({ signature, body: { text: body } });
});

prove('log-no-credentials', async () => {
  const john = candidate();
  await target.outcome(
    await target.rest('POST', '/v1/candidates', john, { Cookie: 'session=secret-cookie' }),
  );
  const { items } = await read('limit=1000');
  const everything = JSON.stringify(await Promise.all(items.map(detail)));
  expect(everything).toContain(john.candidate_id);
  for (const secret of [
    credentials.apiKey,
    credentials.incomingSecret,
    credentials.outgoingSecret,
    'secret-cookie',
  ]) {
    expect(everything).not.toContain(secret);
  }
});

prove('log-seven-days', async () => {
  const { reference, records } = await sendAndRead();
  const week = 7 * 86_400_000;
  for (const one of records) expect(Date.parse(one.expires_at) - Date.parse(one.occurred_at)).toBe(week);
  await target.control('POST', '/clock/advance', { ms: week - 60_000 });
  expect((await read(`reference_id=${reference}`)).items).toHaveLength(2);
  await target.control('POST', '/clock/advance', { ms: 120_000 });
  expect((await read(`reference_id=${reference}`)).items).toHaveLength(0);
});

prove('portal-view', async () => {
  const { json } = await target.control('GET', '/status');
  const ats = json.ats.find((one: { id: string }) => one.id === credentials.atsId);
  expect(ats).toMatchObject({ enabled: true, webhook_url: target.receiverUrl(), name: expect.any(String) });
  for (const time of [ats.created_at, ats.updated_at]) expect(Date.parse(time)).toBeGreaterThan(0);
});

prove('portal-edit', async () => {
  const path = `/ats/${credentials.atsId}`;
  const change = { name: 'Another name', webhook_url: `${target.receiverUrl()}/moved` };
  expect((await target.control('PATCH', path, change)).json).toMatchObject(change);
  const sent = await target.webhook(incoming('candidate.created', candidate()));
  await target.outcome(sent);
  // The receiver has it before the log does.
  await target.control('GET', `/references/${sent.json.reference_id}/wait?until=settled&timeout_ms=30000`);
  const [record] = (await read(`direction=outbound&reference_id=${sent.json.reference_id}`)).items;
  expect((await detail(record)).request.url).toBe(change.webhook_url);
});
