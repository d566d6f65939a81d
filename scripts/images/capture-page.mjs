import { spawnSync } from 'node:child_process';
import { chromium } from 'playwright-core';

const BROWSER = process.env.CARVOS_TEST_BROWSER ?? '/usr/bin/chromium';

/**
 * Pictures of the page: a delivery that failed, in light, and the trace of it, in dark.
 *
 * @param address prints the address of the page at an id, signed in.
 * @returns PNG files.
 */
export async function capturePage(address) {
  const browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox'] });
  try {
    const capture = async (colorScheme, height, open) => {
      const context = await browser.newContext({
        viewport: { width: 1280, height },
        colorScheme,
        timezoneId: 'UTC',
      });
      const tab = await context.newPage();
      await tab.goto(address());
      await tab.getByText('● live').waitFor();
      await tab
        .getByRole('link', { name: /outgoing application.created/ })
        .first()
        .click();
      await tab.getByText(/next in/).waitFor();
      await open(tab);
      return await tab.screenshot();
    };
    return {
      light: await capture('light', 760, (tab) => tab.getByText('"event"').first().waitFor()),
      dark: await capture('dark', 610, async (tab) => {
        await tab.locator('.facts a').first().click();
        await tab.locator('.waterfall li.later').waitFor();
      }),
    };
  } finally {
    await browser.close();
  }
}

/** What a command prints. */
export function printAddress(node, carvos, folder, env) {
  return spawnSync(node, [carvos, 'open', '--print'], { cwd: folder, env, encoding: 'utf8' }).stdout.trim();
}
