// The page, as built, in a browser: until the first rows are painted, from a key to the frame that shows what it did, and the
// memory of the tab; with 100,000 deliveries in the database and 200 a second arriving.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { fill, startTraffic } from './inspect.mjs';
import { figures, median, repeatFor, startGateway, startProcess } from './support.mjs';

const BUILT = join(dirname(fileURLToPath(import.meta.url)), '../dist/index.js');
const BROWSER = process.env.CARVOS_TEST_BROWSER ?? '/usr/bin/chromium';
const PER_SECOND = 200;
const PAINTS = 7;
/** A person holds a key down at about this rate. */
const BETWEEN_KEYS_MS = 40;
/** Of the time, how much the list only follows, which fills what the page keeps of it. */
const FOLLOWING = 0.3;

export async function benchPage({ bundle, folder, minutes, deliveries }) {
  if (!existsSync(BUILT)) throw new Error('npm run build first');
  const database = join(folder, 'page.db');
  await fill(bundle, database, deliveries);
  const receiver = await startProcess('server-receiver.mjs');
  const gateway = await startGateway(BUILT, database, receiver.url, { portal: true });
  const browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox'] });
  let traffic;
  try {
    const paints = [];
    for (let time = 0; time < PAINTS; time++) {
      const { tab, context } = await open(browser, gateway);
      paints.push(await tab.evaluate(() => globalThis.firstRows));
      await context.close();
    }
    const { tab, context } = await open(browser, gateway);
    const devtools = await context.newCDPSession(tab);
    await devtools.send('Performance.enable');
    traffic = startTraffic(gateway.url, PER_SECOND);
    const from = Date.now();
    const memory = async (share, act) => {
      const samples = [];
      let nextSample = 0;
      await repeatFor(minutes * share, async () => {
        await act();
        if (Date.now() < nextSample) return;
        samples.push(await megabytes(devtools));
        nextSample = Date.now() + Math.max(3000, (minutes * 60_000) / 20);
      });
      return samples;
    };
    const memoryOfKeys = await memory(1 - FOLLOWING, () => round(tab));
    const memoryFollowing = await memory(FOLLOWING, () => delay(500));
    return {
      paint: median(paints),
      keys: figures(await tab.evaluate(() => globalThis.keyTimes)),
      memoryOfKeys,
      memoryFollowing,
      sentPerSecond: traffic.sent() / ((Date.now() - from) / 1000),
    };
  } finally {
    await browser.close();
    await traffic?.stop();
    await gateway.stop();
    await receiver.stop();
  }
}

/** The page in a tab without anything in its caches, once it shows records. */
async function open(browser, { url, token }) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  const tab = await context.newPage();
  await tab.addInitScript(watch);
  await tab.goto(`${url}/_carvos/portal/#token=${token}`);
  await tab.waitForFunction(() => globalThis.firstRows !== undefined);
  return { tab, context };
}

/** In the page: when the first rows were painted, since the navigation; and how long after each key another row was. */
function watch() {
  globalThis.keyTimes = [];
  const painted = (then) => requestAnimationFrame(() => setTimeout(() => then(performance.now())));
  const current = () => document.querySelector('.row.current')?.getAttribute('href') ?? null;
  let pressed = null;
  new MutationObserver(() => {
    if (globalThis.firstRows === undefined && document.querySelector('.row') !== null)
      painted((at) => {
        globalThis.firstRows ??= at;
      });
    if (pressed === null || current() === pressed.before) return;
    const { at } = pressed;
    pressed = null;
    painted((shown) => globalThis.keyTimes.push(shown - at));
  }).observe(document, { subtree: true, childList: true, attributes: true });
  addEventListener(
    'keydown',
    (event) => {
      pressed = { at: event.timeStamp, before: current() };
    },
    true,
  );
}

async function round(tab) {
  for (const key of ['j', 'j', 'j', 'j', 'j', 'j', 'j', 'j', 'k', 'k', 'k', 'Escape']) {
    await tab.keyboard.press(key);
    await delay(BETWEEN_KEYS_MS);
  }
  await tab.keyboard.press('g');
  await delay(4 * BETWEEN_KEYS_MS);
}

/** What the page holds on to, of its heap. */
async function megabytes(devtools) {
  await devtools.send('HeapProfiler.collectGarbage');
  const { metrics } = await devtools.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'JSHeapUsedSize').value / 2 ** 20;
}
