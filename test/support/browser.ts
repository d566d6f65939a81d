import { existsSync } from 'node:fs';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
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
/** Tabs of an ordinary context that no test uses: to make a tab, and to load what is in it, takes longer than a test. */
const idle: Page[] = [];
let shared: Promise<BrowserContext> | undefined;
const ORDINARY = { viewport: { width: 1280, height: 860 } };
const TOLD = ['console', 'pageerror', 'request', 'requestfailed'] as const;

/** Ends what the tests of a file shared. */
export async function closeBrowser(): Promise<void> {
  const opened = browser;
  browser = undefined;
  shared = undefined;
  idle.length = 0;
  await (await opened)?.close();
}

/** A tab for the test alone, whose console and errors are kept; anything there fails nothing by itself. */
export async function openTab(options?: BrowserContextOptions): Promise<{ tab: Page; said: string[] }> {
  const tab = options === undefined ? await takeTab() : await (await openContext(options)).newPage();
  if (options !== undefined) onTestFinished(() => tab.context().close());
  const said: string[] = [];
  tab.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
  tab.on('pageerror', (error) => said.push(`error: ${error.message}`));
  return { tab, said };
}

async function openContext(options: BrowserContextOptions): Promise<BrowserContext> {
  browser ??= chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  const context = await (await browser).newContext({ ...ORDINARY, ...options });
  context.setDefaultTimeout(60_000);
  return context;
}

async function takeTab(): Promise<Page> {
  shared ??= openContext({});
  const tab = idle.pop() ?? (await (await shared).newPage());
  onTestFinished(async () => {
    try {
      await clean(tab);
      idle.push(tab);
    } catch {
      await tab.close();
    }
  });
  return tab;
}

/** Nothing of a test reaches the next: what is kept for the tab and its origin, who listens, and where the mouse is. */
async function clean(tab: Page): Promise<void> {
  for (const name of TOLD) tab.removeAllListeners(name);
  await tab.unrouteAll({ behavior: 'ignoreErrors' });
  if (/^http/.test(tab.url())) await tab.evaluate('sessionStorage.clear()');
  await tab.goto('about:blank');
  await tab.emulateMedia({ colorScheme: null, reducedMotion: null });
  await tab.setViewportSize(ORDINARY.viewport);
  await tab.mouse.move(0, 0);
}

/** The page of a gateway, signed in, at one of its places. */
export async function openPage(
  gateway: { url: string; controlToken: string },
  place = '',
  options?: BrowserContextOptions,
): Promise<{ tab: Page; said: string[] }> {
  const opened = await openTab(options);
  await opened.tab.goto(`${gateway.url}/_carvos/portal/${place}#token=${gateway.controlToken}`);
  await opened.tab.getByText('● live').waitFor();
  return opened;
}
