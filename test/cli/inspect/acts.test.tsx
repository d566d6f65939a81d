import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { render } from 'ink-testing-library';
import { expect, onTestFinished, test } from 'vitest';
import { createActions } from '../../../src/cli/inspect/actions.ts';
import { type Feed, startFeed } from '../../../src/cli/inspect/feed.ts';
import { reduce } from '../../../src/cli/inspect/reducer.ts';
import { gatewaySource } from '../../../src/cli/inspect/source.ts';
import { initialState } from '../../../src/cli/inspect/state.ts';
import { createStyle } from '../../../src/cli/inspect/style.ts';
import { App } from '../../../src/cli/inspect/views/app.tsx';
import { createStore } from '../../../src/client/view-state.ts';
import type { EmulatorOptions } from '../../../src/emulator/index.ts';
import { withResolvers } from '../../../src/transport/with-resolvers.ts';
import { candidateCreated, postWebhook, startTestEmulator } from '../../support/emulator.ts';
import { json, serve, startTestReceiver } from '../../support/receiver.ts';
import { havePrograms } from '../../support/require-program.ts';

/** The screen on a real gateway, with the clipboard in our hands. */
async function openScreen(overrides: Partial<EmulatorOptions> = {}, webhookUrl: string | null = null) {
  const { emulator, control } = await startTestEmulator(overrides, webhookUrl);
  const copied: string[] = [];
  let feed: Feed;
  const store = createStore(initialState(100, 30, Date.now()), reduce);
  const perform = createActions({
    store: () => store,
    feed: () => feed,
    sender: () => Promise.reject(new Error('nothing is signed here')),
    edit: (body) => body,
    copy: (text) => void copied.push(text),
    quit: () => {},
  });
  const app = render(<App store={store} style={createStyle(false)} perform={perform} />);
  const source = gatewaySource(control);
  feed = startFeed(store, source, async () => source);
  onTestFinished(() => {
    feed.stop();
    app.unmount();
  });
  const text = () => (app.lastFrame() ?? '').replace(/\x1b\[[0-9;]*m/g, '');
  const waitFor = async (pattern: RegExp) => {
    await expect.poll(text).toMatch(pattern);
    return text();
  };
  await waitFor(/● live[\s\S]*(No deliveries yet|▶)/);
  return { emulator, control, copied, store, text, waitFor, press: (keys: string) => app.stdin.write(keys) };
}

test.skipIf(!havePrograms('curl commands that inspect copies', 'curl'))(
  'y copies the request as curl, with what was sent; i copies the id',
  async () => {
    const receiver = await startTestReceiver();
    const { emulator, control, copied, press, waitFor } = await openScreen({}, receiver.url);
    await postWebhook(emulator.url, candidateCreated({ first_name: "O'Neill" }));
    await waitFor(/▶ ← .*✓ 200/);
    const { items } = await control.log({ direction: 'outgoing' });
    press('i');
    await waitFor(/✓ copied dlv_/);
    expect(copied).toEqual([items[0]!.delivery_id]);
    press('y');
    await waitFor(/✓ copied dlv_\S+ as a curl command/);
    expect(copied[1]).toContain(receiver.url);
    expect(copied[1]).toContain(
      `X-Webhook-Signature: ${receiver.received[0]!.headers['x-webhook-signature']}`,
    );
    // What was copied does what it says.
    await promisify(execFile)('sh', ['-c', copied[1]!]);
    expect(receiver.received).toHaveLength(2);
    expect(receiver.received[1]!.body).toEqual(receiver.received[0]!.body);
  },
);

test('there is nothing to copy while nothing is selected, and it says so', async () => {
  const { copied, press, waitFor } = await openScreen();
  press('y');
  await waitFor(/✗ nothing is selected/);
  press('i');
  await waitFor(/✗ nothing is selected/);
  expect(copied).toEqual([]);
});

test('t delivers to another URL, once, and says what came of it; what is no target stays in the prompt', async () => {
  const first = await startTestReceiver(() => 500);
  const other = await startTestReceiver();
  const { emulator, press, waitFor, text } = await openScreen({}, first.url);
  await postWebhook(emulator.url, candidateCreated());
  await waitFor(/▶ ← .*✗ 500/);
  press('t');
  await waitFor(/Replay to/);
  press('nonsense:port');
  press('\r');
  await waitFor(/✗ target: "nonsense:port"[\s\S]*Enter do it/);
  press('\x15');
  await waitFor(/> ▏/);
  press(`${other.url}\r`);
  await waitFor(/✓ replayed as dlv_\S+: ✓ 200/);
  expect(other.received).toHaveLength(1);
  expect(other.received[0]!.body).toEqual(first.received[0]!.body);
  expect(text()).not.toContain('Replay to');
});

test('the clock: Space, +, -, a and n do what the header then says', async () => {
  const receiver = await startTestReceiver(() => 500);
  const { emulator, control, press, waitFor } = await openScreen({ speed: 60 }, receiver.url);
  await waitFor(/clock 60×/);
  press(' ');
  await waitFor(/clock ‖ paused/);
  expect((await control.clock()).mode).toBe('paused');
  await postWebhook(emulator.url, candidateCreated());
  await waitFor(/▶ ← .*✗ 500 +1\/5 .*1m \(‖\)/);
  press('a');
  await waitFor(/Advance the clock/);
  press('soon\r');
  await waitFor(/✗ advance: "soon" is not a duration/);
  press('\x15');
  press('30s\r');
  await waitFor(/✓ the clock .*0 attempts made/);
  await waitFor(/30s \(‖\)/);
  press('n');
  await waitFor(/✓ the clock .*1 attempt made/);
  await waitFor(/▶ ← .*✗ 500 +2\/5 .*5m \(‖\)/);
  press(' ');
  await waitFor(/clock 60×/);
  press('+');
  await waitFor(/clock 600×/);
  press('-');
  await waitFor(/clock 60×/);
  press('---');
  await waitFor(/clock ‖ manual/);
  expect((await control.clock()).mode).toBe('manual');
});

test('a job is seen while the AI has it and when it failed; x runs it again', async () => {
  const receiver = await startTestReceiver();
  const { promise: held, resolve: release } = withResolvers();
  const service = await serve(async (_heard, response) => {
    await held;
    json(response, 200, { error: { code: 'ai_failed', message: 'it cannot' } });
  });
  const ai = { url: service.url, secret: 'ai-secret', timeoutMs: 120_000 };
  const { emulator, press, waitFor } = await openScreen({ ai }, receiver.url);
  await postWebhook(emulator.url, candidateCreated());
  await waitFor(/▶ → .*AI job…/);
  press('\r');
  press('5');
  await waitFor(/\[5 AI job\][\s\S]*◉ running[\s\S]*the AI is asked, and has not answered/);
  release();
  await waitFor(/✗ failed {3}x runs it again[\s\S]*error +ai_failed/);
  await waitFor(/The AI was asked once\s+✗ attempt 1 .*by service {2}answered that it failed/);
  await waitFor(/led to candidate\.created +delivered/);
  // The key is named by the feed, what became of the job by the trace.
  await waitFor(/x run job again/);
  press('x');
  await waitFor(/✓ job_\d+ runs again \(run 2\)/);
  await waitFor(/✗ failed, run 2[\s\S]*asked 2 times[\s\S]*✗ attempt 1 [\s\S]*✗ attempt 2\.1/);
  press('\x1b');
  await waitFor(/→ .*job failed/);
});

test('an update that brings back what was delivered is marked, from the second in a row on', async () => {
  const receiver = await startTestReceiver();
  const { emulator, waitFor } = await openScreen({}, receiver.url);
  await postWebhook(emulator.url, candidateCreated({ candidate_id: 'c' }));
  for (const count of [1, 2]) {
    await receiver.waitFor(count);
    await postWebhook(emulator.url, candidateCreated({ candidate_id: 'c', event: 'candidate.updated' }));
  }
  await waitFor(/→ .*candidate\.updated.*echo 2/);
});

test('x says why a job is not run again', async () => {
  const receiver = await startTestReceiver();
  const { emulator, press, waitFor } = await openScreen({}, receiver.url);
  await postWebhook(emulator.url, candidateCreated());
  await waitFor(/▶ ← .*✓ 200/);
  press('x');
  await waitFor(/✗ .*Only a job that failed can be run again/);
});

test('jobs that failed before the screen was opened are marked', async () => {
  const receiver = await startTestReceiver();
  const first = await openScreen({}, receiver.url);
  await postWebhook(first.emulator.url, candidateCreated({ email: 'jane+ai-fail@example.com' }));
  await first.waitFor(/→ .*job failed/);
  // A screen that opens now has seen no feed.
  const store = createStore(initialState(100, 30, Date.now()), reduce);
  const source = gatewaySource(first.control);
  const feed = startFeed(store, source, async () => source);
  onTestFinished(() => feed.stop());
  await expect.poll(() => [...store.get().jobs.values()]).toEqual(['failed']);
});

test('after a reset the list is the new one, and why is said', async () => {
  const receiver = await startTestReceiver();
  const { emulator, control, press, text, waitFor } = await openScreen({}, receiver.url);
  await postWebhook(emulator.url, candidateCreated());
  await waitFor(/▶ ← .*✓ 200/);
  press('\r');
  await waitFor(/\[1 request\]/);
  await control.reset();
  await waitFor(/No deliveries yet[\s\S]*reset: everything before it is gone/);
  expect(text()).not.toContain('[1 request]');
  await postWebhook(emulator.url, candidateCreated());
  await waitFor(/▶ ← .*✓ 200/);
});

test('after a snapshot is restored the list is that of the snapshot', async () => {
  const receiver = await startTestReceiver();
  const { emulator, control, text, waitFor } = await openScreen({}, receiver.url);
  await postWebhook(emulator.url, candidateCreated({ candidate_id: 'before' }));
  await waitFor(/▶ ← .*✓ 200/);
  const snapshot = await control.snapshot({ secrets: true });
  const chunks: Buffer[] = [];
  for await (const chunk of snapshot) chunks.push(chunk as Buffer);
  const vacancy = {
    event: 'vacancy.created',
    event_id: 'evt-vacancy',
    client_id: 'acme-corp',
    user_id: 'admin-user',
    vacancy_id: 'vac-1',
    title: 'Order picker',
  };
  expect((await postWebhook(emulator.url, vacancy)).status).toBe(202);
  await waitFor(/← .*vacancy\.created +acme-corp +✓ 200/);
  const { Readable } = await import('node:stream');
  await control.restore(Readable.from([Buffer.concat(chunks)]));
  await waitFor(/restored from a snapshot/);
  await expect.poll(text).not.toContain('vacancy.created');
  expect(text()).toMatch(/▶ ← .*candidate\.created/);
});
