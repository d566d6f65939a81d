import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, describe, expect, test } from 'vitest';
import { closeBrowser, hasBrowser, openPage, openTab } from '../support/browser.ts';
import { candidateCreated, postWebhook, startDelivering, startTestEmulator } from '../support/emulator.ts';
import { serveHttp, startTestReceiver } from '../support/receiver.ts';

afterAll(closeBrowser);

const HOSTILE = '<script>window.struck=1</script><img src=x onerror="window.struck=1">\u202e\u0007"\'`</pre>';

/** Another site: a page on another port of the same host, with this in it. */
async function serveSite(html: string): Promise<string> {
  const { url } = await serveHttp((_request, response) => {
    response.setHeader('content-type', 'text/html').end(html);
  });
  return `${url}/`;
}

describe.skipIf(!hasBrowser)('the page, attacked', () => {
  test('what came over the wire stays text, in every view', async () => {
    const receiver = await startTestReceiver(
      () => 500,
      () => HOSTILE,
    );
    const { emulator, control, postAndWait } = await startTestEmulator({ portal: true }, receiver.url);
    const { reference_id } = await postAndWait('first-attempt', candidateCreated({ first_name: HOSTILE }));
    await control.addWorkspace({ client_id: 'c-2', name: HOSTILE });
    const { tab } = await openPage(emulator);
    await tab.getByRole('link', { name: /outgoing candidate.created ✗ 500/ }).click();
    await tab.getByText('"first_name"').waitFor();
    for (const name of ['response', 'signature', 'AI job']) await tab.getByRole('tab', { name }).click();
    await tab.getByRole('tab', { name: 'response' }).click();
    await tab.getByText('onerror').waitFor();
    const shown = await tab.locator('pre').textContent();
    expect(shown).toContain('<script>window.struck=1</script>');
    expect(shown, 'a mark of direction is made visible').toContain('\\u202e');
    for (const place of [`trace/${reference_id}`, 'configuration', 'deliveries?text=%3Cscript%3E']) {
      await tab.goto(`${emulator.url}/_carvos/portal/${place}`);
      await tab.getByText('● live').waitFor();
    }
    expect(await tab.evaluate('window.struck')).toBeUndefined();
  });

  test('a megabyte is shown as far as the log keeps it', async () => {
    const { emulator } = await startTestEmulator({ portal: true }, (await startTestReceiver()).url);
    await postWebhook(emulator.url, candidateCreated({ notes: 'x'.repeat(1_000_000) }));
    const { tab } = await openPage(emulator);
    await tab.getByRole('link', { name: /incoming candidate.created ✓ 202/ }).click();
    await tab.getByText(/only the beginning/).waitFor();
  });

  test('the token leaves the address at once, and stays in this tab and origin', async () => {
    const { emulator } = await startTestEmulator({ portal: true });
    const { tab } = await openPage(emulator);
    expect(tab.url()).not.toContain('token');
    expect(await tab.evaluate('document.cookie')).toBe('');
    const { tab: other } = await openTab();
    await other.goto(`${emulator.url}/_carvos/portal/`);
    await other.getByText(/^(npx )?carvos open$/).waitFor();
  });

  test('another site can read nothing, post nothing, and frame nothing', async () => {
    const { emulator, control } = await startTestEmulator({ portal: true });
    const site = await serveSite(`
      <iframe id="frame" src="${emulator.url}/_carvos/portal/"></iframe>
      <form method="post" action="${emulator.url}/_carvos/v1/reset"><button>go</button></form>`);
    const { tab } = await openTab();
    await tab.goto(site);
    for (const path of [
      '/_carvos/portal/',
      '/_carvos/v1/status',
      '/_carvos/%70ortal/',
      '//_carvos/portal/',
    ]) {
      const read = `fetch(${JSON.stringify(emulator.url + path)}).then((one) => one.text(), () => 'nothing')`;
      expect(await tab.evaluate(read), path).toBe('nothing');
    }
    const frame = tab.frames().find((one) => one !== tab.mainFrame())!;
    expect(await frame.content()).not.toContain('id="page"');
    const before = (await control.status()).started_at;
    await tab.getByRole('button', { name: 'go' }).click();
    await tab.getByText('not allowed').waitFor();
    expect((await control.status()).started_at).toBe(before);
  });

  test('what is written into the page by hand does not run', async () => {
    const { emulator } = await startTestEmulator({ portal: true });
    const { tab, said } = await openPage(emulator);
    await tab.evaluate(`{
      const script = document.createElement('script');
      script.textContent = 'window.struck = 1';
      document.body.append(script);
    }`);
    expect(await tab.evaluate('window.struck')).toBeUndefined();
    expect(said.join('\n')).toContain('Content Security Policy');
  });
});

describe.skipIf(!hasBrowser)('read by everybody', () => {
  test('axe finds nothing on any view, empty or full, narrow or wide, in light or dark', async () => {
    const { emulator, control } = await startDelivering({
      respond: (_received, index) => (index % 2 === 0 ? 500 : 200),
      portal: true,
    });
    const { tab } = await openPage(emulator);
    // A colour on its way to another is neither.
    await tab.emulateMedia({ reducedMotion: 'reduce' });
    // No frame of another origin is there: the old way will do.
    // The half megabyte that looks through a page stays in it until another is visited.
    let axeSource: string | undefined;
    const axe = () => {
      const builder = new AxeBuilder({ page: tab as never, axeSource });
      axeSource = 'undefined';
      return builder.setLegacyMode().options({ resultTypes: ['violations'] });
    };
    const COLOURS = ['color-contrast', 'link-in-text-block'];
    const look = async (name: string, rules: AxeBuilder) => {
      const { violations } = await rules.analyze();
      expect(violations.map(({ id, nodes }) => `${name}: ${id} ${nodes[0]?.html}`)).toEqual([]);
    };
    const check = async (name: string) => {
      await look(`${name}, light`, axe());
      await tab.emulateMedia({ colorScheme: 'dark' });
      await look(`${name}, dark`, axe().withRules(COLOURS));
      await tab.emulateMedia({ colorScheme: 'light' });
    };
    const places = ['deliveries', 'trace', 'testing', 'testing?way=outgoing', 'schedule', 'configuration'];
    const visit = async (place: string) => {
      axeSource = undefined;
      await tab.goto(`${emulator.url}/_carvos/portal/${place}`);
      await tab.getByText('● live').waitFor();
      await expect.poll(() => tab.getByText(/^(Reading|Computing)/).count()).toBe(0);
    };
    // The others look the same without a delivery.
    for (const place of ['deliveries', 'trace', 'schedule']) {
      await visit(place);
      await check(`empty ${place}`);
    }
    const { json } = await postWebhook(emulator.url, candidateCreated());
    await postWebhook(emulator.url, candidateCreated(), { secret: 'wrong' });
    await control.wait(json.reference_id, { until: 'first-attempt', timeoutMs: 60_000 });
    await control.addFault({ kind: 'status-503', first: 1 });
    const { items } = await control.log();
    const { delivery_id: id } = items.find(({ direction }) => direction === 'outgoing')!;
    const refused = items.find(
      ({ outcome, direction }) => outcome === 'failure' && direction === 'incoming',
    )!.id;
    const full = [`deliveries/${id}`, `deliveries/${id}?tab=response`, `deliveries/${id}?tab=AI+job`];
    for (const place of [
      ...places,
      ...full,
      `deliveries/${encodeURIComponent(refused)}?tab=signature`,
      `trace/${json.reference_id}`,
    ]) {
      await visit(place);
      for (const width of [360, 1600]) {
        await tab.setViewportSize({ width, height: 900 });
        // No colour depends on the width.
        if (width === 1600) await check(`wide ${place}`);
        else await look(`narrow ${place}`, axe().disableRules(COLOURS));
        expect(await tab.evaluate('document.documentElement.scrollWidth'), place).toBeLessThanOrEqual(width);
      }
    }
    await tab.keyboard.press('?');
    await check('help');
  });
});
