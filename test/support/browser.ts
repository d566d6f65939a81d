import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';

const PLACES = [
  process.env.CARVOS_TEST_BROWSER,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const executablePath = PLACES.find((path) => path !== undefined && existsSync(path));

/** Whether there is a browser. Where there is none, tests that need one are left out, and this says so once. */
export const hasBrowser = executablePath !== undefined;
if (!hasBrowser) {
  process.stderr.write(
    'NO BROWSER: the tests of the page are left out. Install chromium, or set CARVOS_TEST_BROWSER.\n',
  );
}

let browser: Promise<Browser> | undefined;

/** Ends what the tests of a file shared. */
export async function closeBrowser(): Promise<void> {
  const opened = browser;
  browser = undefined;
  await (await opened)?.close();
}

/** A tab of its own, whose console and errors are kept; anything there fails nothing by itself. */
export async function openTab(options: BrowserContextOptions = {}): Promise<{ tab: Page; said: string[] }> {
  browser ??= chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  const context = await (await browser).newContext({ viewport: { width: 1280, height: 860 }, ...options });
  onTestFinished(() => context.close());
  context.setDefaultTimeout(60_000);
  const tab = await context.newPage();
  const said: string[] = [];
  tab.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
  tab.on('pageerror', (error) => said.push(`error: ${error.message}`));
  return { tab, said };
}

/** The page of a gateway, signed in, at one of its places. */
export async function openPage(
  gateway: { url: string; controlToken: string },
  place = '',
  options: BrowserContextOptions = {},
): Promise<{ tab: Page; said: string[] }> {
  const opened = await openTab(options);
  await opened.tab.goto(`${gateway.url}/_carvos/portal/${place}#token=${gateway.controlToken}`);
  await opened.tab.getByText('● live').waitFor();
  return opened;
}
