import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { withResolvers } from '../../src/transport/with-resolvers.ts';
import { closeBrowser, hasBrowser, openPage, openTab } from '../support/browser.ts';
import { candidateCreated, postWebhook, startDelivering, startTestEmulator } from '../support/emulator.ts';
import { runProgram } from '../support/program.ts';
import { freePort, type Respond, startTestReceiver } from '../support/receiver.ts';
import { signLikeTheGuides } from '../support/sign.ts';

afterAll(closeBrowser);

/** The page in a real browser, beside a real gateway and a receiver that knows nothing of carvos. */
describe.skipIf(!hasBrowser)('the page', () => {
  const start = (respond?: Respond) => startDelivering({ respond, portal: true });

  test('a delivery appears, fails, is replayed edited, and succeeds', async () => {
    const { receiver, emulator } = await start(({ body }) => (body.includes('Corrected') ? 200 : 500));
    const { tab, said } = await openPage(emulator);
    await tab.getByText('No deliveries yet').waitFor();
    await postWebhook(emulator.url, candidateCreated());
    const failed = tab.getByRole('link', { name: /outgoing candidate.created ✗ 500/ });
    await failed.click();
    await tab.getByRole('button', { name: 'Replay edited' }).click();
    const body = tab.getByRole('textbox', { name: 'Body' });
    await tab.getByText('It fits the schema of candidate.created').waitFor();
    await body.fill((await body.inputValue()).replace('"first_name": "Jane"', '"first_name": "Corrected"'));
    await tab.getByRole('button', { name: 'Sign and replay' }).click();
    await tab.getByText(/replayed as dlv_\w+: ✓ 200/).waitFor();
    await tab.getByText('It replays').waitFor();
    expect(JSON.parse(receiver.received.at(-1)!.body.toString()).data.first_name).toBe('Corrected');
    expect(said).toEqual([]);
  });

  test('a wrong signature is explained, with what to change', async () => {
    const { emulator } = await start();
    const event = candidateCreated();
    // As a client does that signs another text than it sends.
    const other = signLikeTheGuides(JSON.stringify(event, null, 2), 'test-incoming-secret');
    await postWebhook(emulator.url, event, { signature: other });
    const { tab } = await openPage(emulator);
    await tab.getByRole('link', { name: /incoming .* ✗ 401/ }).click();
    await tab.getByRole('tab', { name: 'signature' }).click();
    await tab.locator('.finding .fix').first().waitFor();
    expect(await tab.locator('.finding').first().textContent()).toMatch(/body|bytes|space|indent/i);
  });

  test('what a fault kept from being sent has no signature, and the page says why', async () => {
    const { emulator, control } = await start();
    await control.addFault({ kind: 'status-503', on: 'delivery', first: 1 });
    await postWebhook(emulator.url, candidateCreated());
    const { tab } = await openPage(emulator);
    await tab.getByRole('link', { name: /outgoing .* ✗ 503/ }).click();
    await tab.getByRole('tab', { name: 'signature' }).click();
    await tab.getByText('Nothing was sent').waitFor();
  });

  test('e and t replay edited and elsewhere, x runs the AI job again', async () => {
    const { receiver, emulator, control } = await start();
    await control.addFault({ kind: 'wrong-schema', on: 'ai', count: 3 });
    await postWebhook(emulator.url, candidateCreated());
    const { tab } = await openPage(emulator);
    await tab.getByRole('link', { name: /outgoing candidate.created ✓ 200/ }).click();
    await tab.getByRole('button', { name: 'Replay edited' }).focus();
    await tab.keyboard.press('e');
    await tab.getByRole('dialog', { name: 'Replay edited' }).getByRole('textbox', { name: 'Body' }).waitFor();
    // The next key comes before the browser tells that the dialog was closed.
    await tab.evaluate(`new MutationObserver((_changes, observer) => {
      if (document.querySelector('dialog[open]') !== null) return;
      observer.disconnect();
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 't', bubbles: true }));
    }).observe(document.body, { subtree: true, childList: true, attributeFilter: ['open'] })`);
    await tab.keyboard.press('Escape');
    await tab.getByRole('dialog', { name: 'Replay to' }).waitFor();
    await tab.keyboard.press('Escape');
    expect(await tab.evaluate('document.activeElement.textContent')).toBe('Replay edited…');
    // The browser may close one without asking first.
    await tab.keyboard.press('e');
    await tab.getByRole('dialog', { name: 'Replay edited' }).waitFor();
    await tab.evaluate(`document.querySelector('dialog').close();
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 't', bubbles: true }));`);
    await tab.getByRole('dialog', { name: 'Replay to' }).getByRole('textbox', { name: 'URL' }).fill('3000');
    await tab.keyboard.press('Escape');
    await control.clearFaults();
    await tab.keyboard.press('x');
    await tab.getByText(/job_\w+ runs again, run 2/).waitFor();
    await tab
      .getByRole('link', { name: /outgoing candidate.created ✓ 200/ })
      .nth(1)
      .waitFor();
    expect(receiver.received.map(({ body }) => JSON.parse(body.toString()).status)).toEqual([
      'failed',
      'success',
    ]);
  });

  test('a transcript is text; how it looks is shown where it can do nothing', async () => {
    const { emulator, control } = await start();
    const hostile =
      '<p>Anna: <b>hello</b></p><script>parent.document.title = "taken"</script><img src="/_carvos/v1/status">';
    await control.sendTestEvent(
      'test-ats',
      Buffer.from(
        JSON.stringify({
          event: 'meeting.transcript_ready',
          event_id: 'evt_1',
          reference_id: 'r1',
          client_id: 'acme-corp',
          data: { transcript: hostile },
        }),
      ),
    );
    const { tab, said } = await openPage(emulator);
    const asked: string[] = [];
    tab.on('request', (request) => asked.push(request.url()));
    await tab.getByRole('link', { name: /outgoing meeting.transcript_ready/ }).click();
    expect(await tab.locator('pre').first().textContent()).toContain('<script>');
    const frame = tab.locator('iframe[title=Transcript]');
    expect(await frame.getAttribute('sandbox')).toBe('');
    await tab.frameLocator('iframe[title=Transcript]').getByText('hello').waitFor();
    expect(await tab.title()).toBe('Deliveries · carvos');
    expect(asked.filter((url) => url.endsWith('/v1/status'))).toEqual([]);
    // The browser says what it kept from running; nothing of ours does.
    expect(said.filter((line) => !/sandbox|Content Security Policy/i.test(line))).toEqual([]);
  });

  test('the clock is moved on, and the timeline with it', async () => {
    const { emulator } = await start((_received, index) => (index < 2 ? 503 : 200));
    await postWebhook(emulator.url, candidateCreated());
    const { tab } = await openPage(emulator);
    await tab.getByRole('link', { name: /outgoing candidate.created ✗ 503/ }).click();
    const steps = tab.getByRole('list', { name: 'Attempts' }).getByRole('listitem');
    await steps
      .nth(1)
      .getByText(/next in 1m/)
      .waitFor();
    await tab.keyboard.press('n');
    await steps.nth(1).getByText('503').waitFor();
    await steps
      .nth(2)
      .getByText(/next in 5m/)
      .waitFor();
    await tab.keyboard.press('n');
    await steps.nth(2).getByText('200').waitFor();
    await steps.nth(3).getByText('not made').waitFor();
    await tab.getByRole('link', { name: 'Schedule and faults' }).click();
    await tab.getByText('Nothing is due.').waitFor();
  });

  test('a trace shows what a reference caused, the failed attempts apart', async () => {
    const { emulator, control, postAndWait } = await start((_received, index) => (index === 0 ? 503 : 200));
    const { reference_id } = await postAndWait('first-attempt');
    await control.clockMove('drain');
    const { tab } = await openPage(emulator, `trace/${reference_id}`);
    const bars = tab.locator('.waterfall li');
    await expect
      .poll(() => bars.allTextContents())
      .toEqual([
        expect.stringContaining('✓ accepted candidate.created'),
        expect.stringContaining('✓ AI job'),
        expect.stringMatching(/✗ candidate.created attempt 1.*503/),
        expect.stringMatching(/✓ candidate.created attempt 2.*1m.* · 200/),
      ]);
  });

  test('an echo loop is marked in the list, and its chain stands in the trace', async () => {
    const { receiver, emulator } = await start();
    const { tab } = await openPage(emulator);
    await postWebhook(emulator.url, candidateCreated({ candidate_id: 'c' }));
    let reference = '';
    for (const count of [1, 2]) {
      await receiver.waitFor(count);
      const updated = candidateCreated({ candidate_id: 'c', event: 'candidate.updated' });
      reference = (await postWebhook(emulator.url, updated)).json.reference_id;
    }
    await tab.getByRole('link', { name: /incoming candidate.updated ✓ 202 echo 2/ }).waitFor();
    const { tab: trace } = await openPage(emulator, `trace/${reference}`);
    await trace.getByText('The same data came back from the ATS 2 times').waitFor();
    await trace.getByRole('link', { name: `${reference} echo 2 candidate.updated (this one)` }).waitFor();
  });

  test('an incoming event is sent as the ATS would, its mistakes said beside the line', async () => {
    const { emulator, receiver } = await start();
    const { tab } = await openPage(emulator, 'testing');
    const body = tab.getByRole('textbox', { name: 'Body' });
    await tab.getByText('It fits the schema').waitFor();
    const good = await body.inputValue();
    await body.fill(good.replace(/"candidate_id": "[^"]*"/, '"candidate_id": 7'));
    const complaint = tab.getByRole('button', { name: /candidate_id/ });
    await complaint.waitFor();
    const line = good.split('\n').findIndex((one) => one.includes('"candidate_id"')) + 1;
    expect(await complaint.textContent()).toContain(`line ${line}`);
    await body.fill('{"event": ');
    await tab.getByRole('button', { name: /^line 1 / }).waitFor();
    await body.fill(good);
    await tab.getByRole('button', { name: 'Send', exact: true }).click();
    await tab.getByRole('link', { name: /^[0-9a-f-]{36}$/ }).click();
    await tab.getByRole('link', { name: /candidate.created attempt 1/ }).waitFor();
    await receiver.waitFor(1);
  });

  test('a test event goes to the receiver, and its answer is shown', async () => {
    const { emulator, receiver } = await start(() => 418);
    const { tab } = await openPage(emulator, 'testing?way=outgoing&event=vacancy.created');
    await tab.getByText('It fits the schema of vacancy.created').waitFor();
    await tab.getByRole('button', { name: 'Send', exact: true }).click();
    await tab.getByText('HTTP 418').waitFor();
    expect(receiver.received[0]!.headers['x-carvos-test']).toBe('true');
  });

  test('faults are added, seen to apply, and cleared', async () => {
    const { emulator } = await start();
    const { tab } = await openPage(emulator, 'schedule');
    await tab.getByText('No faults').waitFor();
    await tab.getByLabel('Kind').selectOption('status-500');
    await tab.getByRole('button', { name: 'Add fault' }).click();
    await tab
      .getByText(/status-500 on deliveries, first 2 attempts/)
      .first()
      .waitFor();
    await postWebhook(emulator.url, candidateCreated());
    await tab.getByText('applied 1 time').waitFor();
    await tab.getByRole('button', { name: /^Clear / }).click();
    await tab.getByText('No faults').waitFor();
  });

  test('a secret is rotated after asking, shown once, and verifies', async () => {
    const { emulator } = await start();
    const { tab } = await openPage(emulator, 'configuration');
    await tab.getByRole('button', { name: 'Rotate incoming-secret' }).click();
    await tab.getByRole('button', { name: 'Rotate now' }).click();
    const value = (await tab.locator('dialog code').textContent())!;
    const signed = { secret: value };
    expect((await postWebhook(emulator.url, candidateCreated(), signed)).status).toBe(202);
    await tab.keyboard.press('Escape');
    await tab.getByText('credential.rotated').waitFor();
    expect(await tab.content()).not.toContain(value);
  });

  test('a fact stands beside the assumption that it replaces', async () => {
    const facts = { version: 1, statuses: { unknown_ats: 403 } } as const;
    const { emulator } = await startTestEmulator({ portal: true, facts });
    await postWebhook(emulator.url, candidateCreated(), { ats: 'nobody' });
    const { tab } = await openPage(emulator, 'configuration');
    const assumption = tab.getByRole('listitem').filter({ hasText: 'answer-404-unknown-ats' });
    await assumption.getByText('By carvos.facts.json instead: unknown_ats is refused with 403').waitFor();
  });

  test('a failed attempt says what to look at', async () => {
    const { emulator } = await start(() => 404);
    await postWebhook(emulator.url, candidateCreated());
    const { tab } = await openPage(emulator);
    await tab.getByRole('link', { name: /outgoing candidate.created ✗ 404/ }).click();
    await tab.getByRole('tab', { name: 'response' }).click();
    await tab.getByText(/404: the receiver says that nothing answers at .* Compare the path/).waitFor();
  });

  test('the list is filtered, and the address says how', async () => {
    const { emulator } = await start();
    await postWebhook(emulator.url, candidateCreated({ candidate_id: 'c-needle' }));
    await postWebhook(emulator.url, candidateCreated());
    const { tab } = await openPage(emulator);
    await expect.poll(() => tab.locator('.row').count()).toBe(4);
    await tab.getByLabel('Search').fill('c-needle');
    await tab.getByLabel('Direction').selectOption('incoming');
    await expect.poll(() => tab.locator('.row').count()).toBe(1);
    expect(new URL(tab.url()).search).toBe('?text=c-needle&direction=incoming');
    await tab.reload();
    await expect.poll(() => tab.locator('.row').count()).toBe(1);
    await tab.getByLabel('Search').fill('nothing has this');
    await tab.getByText('Nothing fits the filter').waitFor();
    await tab.getByRole('button', { name: 'Clear the filter' }).click();
    await expect.poll(() => tab.locator('.row').count()).toBe(4);
    await postWebhook(emulator.url, candidateCreated({ event: 'candidate.updated' }), { secret: 'wrong' });
    await expect.poll(() => tab.locator('.row').count()).toBe(5);
    await tab.getByLabel('Outcome').selectOption('failure');
    await expect.poll(() => tab.locator('.row').count()).toBe(1);
    await tab.getByLabel('Outcome').selectOption('success');
    await tab.getByLabel('Event').selectOption('vacancy.created');
    await tab.getByText('Nothing fits the filter').waitFor();
    await tab.getByLabel('Event').selectOption('candidate.created');
    await expect.poll(() => tab.locator('.row').count()).toBe(4);
    await tab.getByLabel('Client').fill('nobody');
    await tab.getByText('Nothing fits the filter').waitFor();
  });

  test('older records are read on the way down; what comes meanwhile is counted, and shown when asked for', async () => {
    const { emulator, control } = await start();
    for (let count = 0; count < 60; count++)
      await postWebhook(emulator.url, candidateCreated({ client_id: 'acme-corp', notes: 'x' }));
    await expect.poll(async () => (await control.status()).deliveries.delivered).toBe(60);
    const { tab } = await openPage(emulator);
    const inList = (what: string) => tab.evaluate<number>(`document.querySelector('.rows').${what}`);
    const height = () => inList('scrollHeight');
    await expect.poll(async () => Math.round((await height()) / 36)).toBeLessThan(120);
    await inList('scrollTo({ top: 1e9 })');
    await expect.poll(async () => Math.round((await height()) / 36)).toBe(120);
    await postWebhook(emulator.url, candidateCreated());
    await tab.getByRole('button', { name: '↑ 2 new' }).click();
    await expect.poll(() => inList('scrollTop')).toBe(0);
    await expect.poll(() => tab.getByRole('button', { name: /new/ }).count()).toBe(0);
  });

  test('what is copied as curl sends the same bytes; the id is that of the delivery', async () => {
    const { emulator, receiver } = await start();
    await postWebhook(emulator.url, candidateCreated());
    await receiver.waitFor(1);
    const { tab } = await openPage(emulator, '', { permissions: ['clipboard-read', 'clipboard-write'] });
    const clipboard = () => tab.evaluate<string>('navigator.clipboard.readText()');
    await tab.getByRole('link', { name: /outgoing candidate.created ✓ 200/ }).click();
    await tab.getByRole('button', { name: 'Copy as curl' }).click();
    await tab.getByText('✓ copied the curl command').waitFor();
    await runProgram('sh', ['-c', await clipboard()]);
    await receiver.waitFor(2);
    const [first, second] = receiver.received;
    expect(second!.body).toEqual(first!.body);
    expect(second!.headers['x-webhook-signature']).toBe(first!.headers['x-webhook-signature']);
    await tab.getByRole('button', { name: 'Copy id' }).click();
    await tab.getByText('✓ copied the id').waitFor();
    expect(tab.url()).toContain(`/deliveries/${await clipboard()}`);
  });

  test('replayed to another place, it goes there, and its address is typed at once', async () => {
    const { emulator, receiver } = await start();
    const other = await startTestReceiver();
    await postWebhook(emulator.url, candidateCreated());
    await receiver.waitFor(1);
    const { tab } = await openPage(emulator);
    await tab.getByRole('link', { name: /outgoing candidate.created ✓ 200/ }).click();
    await tab.getByRole('button', { name: 'Replay to…' }).click();
    await tab.keyboard.type(other.url);
    await tab.keyboard.press('Enter');
    await other.waitFor(1);
    expect(other.received[0]!.body).toEqual(receiver.received[0]!.body);
  });

  test('the webhook URL is set and taken away, and the audit says so', async () => {
    const { emulator, control } = await start();
    const { tab } = await openPage(emulator, 'configuration');
    const url = async () => (await control.status()).ats[0]!.webhook_url;
    await tab.getByLabel('New URL').fill('http://127.0.0.1:3000/mine');
    await tab.getByRole('button', { name: 'Set', exact: true }).click();
    await tab.getByText('http://127.0.0.1:3000/mine', { exact: true }).waitFor();
    expect(await url()).toBe('http://127.0.0.1:3000/mine');
    expect(await tab.getByLabel('New URL').inputValue()).toBe('');
    await tab.getByRole('button', { name: 'Remove the URL' }).click();
    await tab.getByText('deliveries fail until it is set').waitFor();
    expect(await url()).toBeNull();
    await tab
      .getByText(/field: webhook_url, before: .*\/mine, after: none/)
      .first()
      .waitFor();
    await tab.goto(`${emulator.url}/_carvos/portal/testing?way=outgoing`);
    await tab.getByRole('alert').getByText('has no webhook URL').waitFor();
    expect(await tab.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true);
  });

  test('a receiver is given as on the command line, and what is none is refused with a reason', async () => {
    const { emulator, receiver, control } = await start();
    await postWebhook(emulator.url, candidateCreated());
    await receiver.waitFor(1);
    const { tab } = await openPage(emulator, 'configuration');
    const url = async () => (await control.status()).ats[0]!.webhook_url;
    for (const [typed, shown] of [
      ['3000', 'http://localhost:3000/'],
      ['127.0.0.1:3000/hook', 'http://127.0.0.1:3000/hook'],
    ] as const) {
      await tab.getByLabel('New URL').fill(typed);
      await tab.getByLabel('New URL').press('Enter');
      await tab.getByText(shown, { exact: true }).waitFor();
      expect(await url()).toBe(shown);
    }
    await tab.getByLabel('New URL').fill('my receiver');
    await tab.getByRole('status').getByText('host:port, or a port').waitFor();
    expect(await tab.getByRole('button', { name: 'Set', exact: true }).isDisabled()).toBe(true);

    const { tab: log } = await openPage(emulator);
    await log.getByRole('link', { name: /outgoing candidate.created/ }).click();
    await log.getByRole('button', { name: 'Replay to…' }).click();
    await log.keyboard.type(new URL(receiver.url).port);
    await log.keyboard.press('Enter');
    await receiver.waitFor(2);
  });

  test('the clock is advanced, given a speed, paused and run to the end', async () => {
    const { emulator, receiver } = await start(() => 500);
    await postWebhook(emulator.url, candidateCreated());
    await receiver.waitFor(1);
    const { tab } = await openPage(emulator, 'schedule');
    await tab.getByText('attempt 2, in 1m').waitFor();
    await tab.getByLabel('Advance by').fill('1m');
    await tab.getByRole('button', { name: 'Advance', exact: true }).click();
    await tab.getByText(/✓ the clock .*, 1 attempt made/).waitFor();
    await tab.getByLabel('Speed').fill('0');
    expect(await tab.getByRole('button', { name: 'Set speed' }).isDisabled()).toBe(true);
    await tab.getByRole('status').getByText('write a number above 0, max or manual').waitFor();
    await tab.getByLabel('Advance by').fill('5 minutes');
    await tab.getByRole('status').getByText('write it like 90s, 5m, 2h or 1h30m').waitFor();
    await tab.getByLabel('First attempts').fill('some');
    await tab.getByRole('status').getByText('write a whole number above 0, or nothing for all').waitFor();
    await tab.getByLabel('Speed').fill('2');
    await tab.getByRole('button', { name: 'Set speed' }).click();
    await tab.getByText('The clock runs at 2×, 1 delivery pending.').waitFor();
    await tab.getByRole('button', { name: 'Pause' }).click();
    await tab.getByText('The clock is paused (2× once it resumes), 1 delivery pending.').waitFor();
    await tab.getByRole('button', { name: 'Until nothing is due' }).click();
    await tab.getByText('Nothing is due.').waitFor();
    expect(receiver.received).toHaveLength(5);
  });

  test('on a narrow screen every place is in view', async () => {
    const { emulator } = await start();
    const { tab } = await openPage(emulator, '', { viewport: { width: 360, height: 740 } });
    const links = await tab.getByRole('navigation').getByRole('link').all();
    const edges = await Promise.all(links.map(async (one) => (await one.boundingBox())!));
    expect(edges).toHaveLength(5);
    for (const { x, width } of edges) expect(x + width).toBeLessThanOrEqual(360);
  });

  test('a search goes on where the gateway looked at a part of the log alone', async () => {
    const { emulator } = await start();
    await postWebhook(emulator.url, candidateCreated({ candidate_id: 'c-needle' }));
    const { tab } = await openPage(emulator);
    await expect.poll(() => tab.locator('.row').count()).toBe(2);
    const parts = [{ next_cursor: '9' }, { next_cursor: '8' }];
    await tab.route(/\/log\?.*text=c-needle/, async (route) => {
      const part = parts.shift();
      if (part === undefined) return route.continue();
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), ...part, items: [] } });
    });
    await tab.getByLabel('Search').fill('c-needle');
    await expect.poll(() => parts).toEqual([]);
    await expect.poll(() => tab.locator('.row').count()).toBe(2);
  });

  test('what happens meanwhile does not put off an answer', async () => {
    const { emulator } = await start();
    const { tab } = await openPage(emulator);
    const { promise: held, resolve: answer } = withResolvers();
    const failed: string[] = [];
    tab.on('requestfailed', (request) => failed.push(request.url()));
    await tab.route('**/_carvos/v1/faults', async (route) => {
      await held;
      await route.continue();
    });
    await tab.keyboard.press('4');
    const read = tab.waitForRequest(/\/log\?.*after=/);
    await postWebhook(emulator.url, candidateCreated());
    await read;
    answer();
    await tab.getByText('No faults').waitFor();
    expect(failed).toEqual([]);
  });

  test('everything can be done by keys', async () => {
    const { emulator, receiver } = await start(() => 500);
    await postWebhook(emulator.url, candidateCreated());
    await receiver.waitFor(1);
    const { tab } = await openPage(emulator);
    await expect.poll(() => tab.locator('.row').count()).toBe(2);
    await tab.keyboard.press('j');
    await tab.getByRole('heading', { name: /← candidate.created/ }).waitFor();
    await tab.keyboard.press('j');
    await tab.getByRole('heading', { name: /→ candidate.created/ }).waitFor();
    await tab.keyboard.press('k');
    await tab.getByRole('heading', { name: /← candidate.created/ }).waitFor();
    await tab.keyboard.press('r');
    await receiver.waitFor(2);
    await tab.keyboard.press('/');
    await tab.locator('input:focus').waitFor();
    await tab.keyboard.type('xyz');
    await tab.getByText('Nothing fits the filter').waitFor();
    await tab.keyboard.press('Escape');
    await tab.keyboard.press('?');
    await tab.getByRole('dialog').getByText('the next attempt').waitFor();
    await tab.keyboard.press('Escape');
    await tab.keyboard.press('4');
    await tab.getByRole('heading', { name: 'Clock' }).waitFor();
  });

  test('a gateway that goes is said, and one that comes back is shown without a reload', async () => {
    const receiver = await startTestReceiver();
    const port = await freePort();
    const first = await startTestEmulator({ portal: true, port }, receiver.url);
    const { tab } = await openPage(first.emulator);
    await first.emulator.close();
    await tab.getByText('○ lost: trying again').waitFor();
    await tab.keyboard.press('5');
    await expect.poll(() => tab.getByRole('alert').textContent()).toMatch(/does not answer.*still running\?/);
    await tab.keyboard.press('1');
    const { controlToken } = first.emulator;
    const { emulator } = await startTestEmulator({ portal: true, port, controlToken }, receiver.url);
    await tab.getByText('● live').waitFor();
    await postWebhook(emulator.url, candidateCreated());
    await tab.getByRole('link', { name: /outgoing candidate.created ✓ 200/ }).waitFor();
  });

  test('a hidden tab leaves its connection to others; shown again, it has what came meanwhile', async () => {
    const { emulator } = await start();
    const { tab } = await openPage(emulator);
    const turn = (hidden: boolean) =>
      tab.evaluate(`Object.defineProperty(document, 'hidden', { configurable: true, value: ${hidden} });
        document.dispatchEvent(new Event('visibilitychange'))`);
    const left = tab.waitForEvent('requestfailed', (one) => one.url().endsWith('/feed'));
    await turn(true);
    await left;
    await postWebhook(emulator.url, candidateCreated());
    const back = tab.waitForRequest((one) => one.url().endsWith('/feed'));
    await turn(false);
    expect((await back).headers()).toHaveProperty('last-event-id');
    await tab.getByRole('link', { name: /outgoing candidate.created ✓ 200/ }).waitFor();
    await tab.getByText('● live').waitFor();
  });

  test('a signed-in address that is pasted into the same tab signs in', async () => {
    const { emulator } = await start();
    const { tab } = await openTab();
    await tab.goto(emulator.url);
    await tab.getByText(/^(npx )?carvos open$/).waitFor();
    await tab.goto(`${emulator.url}/_carvos/portal/#token=${emulator.controlToken}`);
    await tab.getByText('● live').waitFor();
    expect(tab.url()).not.toContain('token');
  });

  test('without a token it says how to get one; a wrong one is refused, a right one signs in', async () => {
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('npm_config_user_agent', 'npm/11.0.0 node/v24.0.0');
    const { emulator } = await start();
    const { tab } = await openTab();
    await tab.goto(emulator.url);
    await tab.getByText('npx carvos open', { exact: true }).waitFor();
    await tab.getByLabel(/control token/).fill('wrong');
    await tab.getByRole('button', { name: 'Sign in' }).click();
    await tab.getByText(/The gateway refused the token/).waitFor();
    await tab.getByLabel(/control token/).fill(emulator.controlToken);
    await tab.getByRole('button', { name: 'Sign in' }).click();
    await tab.getByText('● live').waitFor();
    await tab.getByText('npx carvos send candidate.created', { exact: true }).waitFor();
  });
});
