import { afterAll, describe, expect, test } from 'vitest';
import { closeBrowser, hasBrowser, openPage, openTab } from '../support/browser.ts';
import { candidateCreated, postWebhook, startTestEmulator } from '../support/emulator.ts';
import { freePort, startTestReceiver } from '../support/receiver.ts';

afterAll(closeBrowser);

const BUSY = 'The database is busy: another process holds it.';

/** The page where the gateway refuses some calls, until it does so no longer. */
async function openRefused(place: string, calls: RegExp, status: number, detail: unknown) {
  const { emulator } = await startTestEmulator({ portal: true });
  const { tab } = await openTab();
  let refused = 0;
  await tab.route(calls, (route) => {
    refused += 1;
    return route.fulfill({ status, json: { detail } });
  });
  await tab.goto(`${emulator.url}/_carvos/portal/${place}#token=${emulator.controlToken}`);
  return { tab, refused: () => refused, relent: () => tab.unroute(calls) };
}

describe.skipIf(!hasBrowser)('what the page says when something is wrong', () => {
  test.each([
    ['deliveries', /\/v1\/log\?/, 'No deliveries yet'],
    ['schedule', /\/v1\/faults/, 'No faults'],
    ['configuration', /\/v1\/status/, 'Fingerprints, never the values'],
    ['testing', /\/v1\/workspaces/, 'It fits the schema'],
  ])('%s: why it cannot be read; asked again, it is', async (place, calls, shown) => {
    const { tab, refused, relent } = await openRefused(place, calls, 503, BUSY);
    await tab.getByRole('alert').getByText(BUSY).waitFor();
    // It asks twice by itself: at first, and when the feed is open.
    await expect.poll(refused).toBeGreaterThanOrEqual(2);
    const before = refused();
    await tab.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(refused).toBeGreaterThan(before);
    await relent();
    // What still asks by itself may be faster.
    await tab
      .getByRole('button', { name: 'Try again' })
      .click({ timeout: 2000 })
      .catch(() => {});
    await tab.getByText(shown).waitFor();
  });

  test('a refusal that is not about the token says its own cause', async () => {
    const { tab } = await openRefused('', /\/v1\/(log\?|feed)/, 403, 'This host is not allowed');
    await tab.getByText('○ lost: trying again').waitFor();
    await tab.getByRole('alert').getByText('This host is not allowed').waitFor();
    expect(await tab.getByLabel(/control token/).count()).toBe(0);
  });

  test('an address of what is gone says what it may be, and the list stays', async () => {
    const { emulator } = await startTestEmulator({ portal: true });
    const { tab } = await openPage(emulator, 'deliveries/dlv_gone');
    await tab.getByRole('alert').getByText('dlv_gone: there is no such delivery').waitFor();
    await tab.getByText('It may be older than what the log keeps').waitFor();
    await tab.getByText('No deliveries yet').waitFor();
    const { tab: trace } = await openPage(emulator, 'trace/gone');
    await trace.getByRole('alert').getByText('It may be a delivery').waitFor();
    expect(await trace.getByLabel('reference_id').inputValue()).toBe('gone');
  });

  test('what was refused says why, once for each field', async () => {
    const { emulator } = await startTestEmulator({ portal: true });
    const { tab } = await openPage(emulator, 'testing');
    const body = tab.getByRole('textbox', { name: 'Body' });
    await tab.getByText('It fits the schema').waitFor();
    const good = await body.inputValue();
    await body.fill('{"event": ');
    await tab.getByRole('button', { name: 'Send', exact: true }).click();
    await tab.getByText(/^✗ body: /).waitFor();
    await body.fill(good.replace(/"(client_id|user_id)": "[^"]*"/g, '"$1": 7'));
    await tab.getByRole('button', { name: 'Send', exact: true }).click();
    await tab.getByText(/^✗ client_id: .*; user_id: /).waitFor();
  });

  test('what is being written stays while the gateway is away, and is sent when it is back', async () => {
    const receiver = await startTestReceiver();
    const port = await freePort();
    const first = await startTestEmulator({ portal: true, port }, receiver.url);
    const { controlToken } = first.emulator;
    const { tab } = await openPage(first.emulator, 'testing');
    const body = tab.getByRole('textbox', { name: 'Body' });
    await tab.getByText('It fits the schema').waitFor();
    const written = (await body.inputValue()).replace(/"first_name": "[^"]*"/, '"first_name": "Written"');
    await body.fill(written);
    // News that comes while the gateway goes is asked about in vain.
    const asks = /\/v1\/(status|workspaces)$/;
    let lost = 0;
    await tab.route(asks, (route) => {
      lost += 1;
      return route.abort();
    });
    await postWebhook(first.emulator.url, candidateCreated());
    await expect.poll(() => lost).toBeGreaterThanOrEqual(2);
    await first.emulator.close();
    await tab.unroute(asks);
    await tab.getByText('○ lost: trying again').waitFor();
    await tab.getByRole('button', { name: 'Send', exact: true }).click();
    await tab.getByText(/^✗ The gateway does not answer/).waitFor();
    await startTestEmulator({ portal: true, port, controlToken }, receiver.url);
    await tab.getByText('● live').waitFor();
    expect(await body.inputValue()).toBe(written);
    await tab.getByRole('button', { name: 'Send', exact: true }).click();
    await tab.getByText('✓ accepted').waitFor();
  });

  test('a token that cannot be read is refused as any wrong one', async () => {
    const { emulator } = await startTestEmulator({ portal: true, controlToken: 'with a space' });
    const { tab } = await openTab();
    await tab.goto(`${emulator.url}/_carvos/portal/#token=%zz`);
    await tab.getByText(/The gateway refused the token/).waitFor();
    await tab.getByLabel(/control token/).fill('…');
    await tab.getByRole('status').getByText('a control token has no such characters').waitFor();
    expect(await tab.getByRole('button', { name: 'Sign in' }).isDisabled()).toBe(true);
    await tab.getByLabel(/control token/).fill('with a space');
    await tab.getByRole('button', { name: 'Sign in' }).click();
    await tab.getByText('● live').waitFor();
  });
});
