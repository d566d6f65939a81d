import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { runProgram } from '../../support/program.ts';
import { startTestReceiver } from '../../support/receiver.ts';

const DIST = join(import.meta.dirname, '../../../dist');

afterEach(() => {
  vi.useRealTimers();
});

describe('under vitest’s fake timers, the built library', async () => {
  // Only what is built has all timers from before they were replaced, those of the libraries in it too.
  if (!existsSync(join(DIST, 'index.js'))) throw new Error('dist is missing: run npm run build first');
  const { startEmulator, WaitError }: typeof import('../../../src/emulator/index.ts') = await import(
    join(DIST, 'index.js')
  );

  test('it starts, delivers, retries, waits and closes; time on the wire is the real one', async () => {
    const receiver = await startTestReceiver((_one, index) => (index === 0 ? 500 : 200));
    const before = Date.now();
    vi.useFakeTimers({ now: new Date('2001-01-01T00:00:00Z') });
    const emulator = await startEmulator({ webhookUrl: receiver.url });
    await emulator.send('candidate.created');
    const delivery = await emulator.waitFor({ event: 'candidate.created' }, { timeout: 60_000 });
    expect(delivery.attempt_count).toBe(2);
    const miss = await emulator
      .waitFor({ event: 'vacancy.created' }, { timeout: 50 })
      .catch((error) => error);
    expect(miss).toBeInstanceOf(WaitError);
    // A year by the suite's clock is nothing to the gateway.
    await vi.advanceTimersByTimeAsync(365 * 86_400_000);
    await emulator.send('vacancy.created');
    await emulator.waitFor({ event: 'vacancy.created' }, { timeout: 60_000 });
    await emulator.close();
    const t = Number(/t=(\d+)/.exec(String(receiver.received[0]!.headers['x-webhook-signature']))![1]);
    expect(t * 1000).toBeGreaterThan(before - 5000);
    expect(Date.parse(delivery.created_at)).toBeGreaterThan(before - 5000);
  });

  test('its own clock moves all the same', async () => {
    const receiver = await startTestReceiver(() => 500);
    vi.useFakeTimers();
    const emulator = await startEmulator({ webhookUrl: receiver.url, speed: 'manual' });
    onTestFinished(() => emulator.close());
    await emulator.send('candidate.created');
    await emulator.waitFor({ attempts: 1 }, { timeout: 60_000 });
    expect((await emulator.clock.advance(60_000)).fired).toHaveLength(1);
    expect((await emulator.clock.drain()).fired).toHaveLength(3);
  });
});

/** A user's script with node:test's own mock timers, which replace those of node:timers as well. */
const BODY = `
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'], now: 0 });
  const seen = [];
  const receiver = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      seen.push(request.headers['x-webhook-signature']);
      response.statusCode = seen.length === 1 ? 500 : 200;
      response.end('ok');
    });
  });
  await new Promise((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const emulator = await startEmulator({ webhookUrl: 'http://127.0.0.1:' + receiver.address().port });
  await emulator.send('candidate.created');
  const { attempt_count } = await emulator.waitFor({ event: 'candidate.created' }, { timeout: 60_000 });
  const miss = await emulator.waitFor({ event: 'vacancy.created' }, { timeout: 50 }).catch((error) => error.name);
  mock.timers.tick(86_400_000);
  await emulator.close();
  receiver.close();
  receiver.closeAllConnections();
  const t = Number(/t=(\\d+)/.exec(seen[0])[1]);
  process.stdout.write([attempt_count, miss, t > 1_700_000_000, Date.now()].join(' ') + '\\n');
`;
const SCRIPTS = {
  ESM: [
    '--input-type=module',
    '-e',
    `import { createServer } from 'node:http';
     import { mock } from 'node:test';
     import { startEmulator } from ${JSON.stringify(join(DIST, 'index.js'))};
     ${BODY}`,
  ],
  CommonJS: [
    '-e',
    `const { createServer } = require('node:http');
     const { mock } = require('node:test');
     const { startEmulator } = require(${JSON.stringify(join(DIST, 'index.cjs'))});
     (async () => {${BODY}})();`,
  ],
};

describe.each(['ESM', 'CommonJS'] as const)(
  'under node:test’s mock timers, the built library as %s',
  (format) => {
    test('it works as ever', async () => {
      const { code, stdout, stderr } = await runProgram(process.execPath, SCRIPTS[format]);
      expect({ code, stdout, stderr: stderr.replace(/.*Warning:.*\n.*\n/g, '') }).toEqual({
        code: 0,
        stdout: '2 WaitError true 86400000\n',
        stderr: '',
      });
    });
  },
);
