import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { AiOptions } from '../../../src/emulator/index.ts';
import { createAiModule } from '../../../src/emulator/processing/ai/module.ts';
import type { AiAnswered, AiJob } from '../../../src/emulator/processing/backend.ts';
import { isListening } from '../../../src/transport/is-listening.ts';
import { withResolvers } from '../../../src/transport/with-resolvers.ts';
import { candidateCreated, startTestEmulator, testOptions } from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { startTestReceiver } from '../../support/receiver.ts';

async function start(source: string, name = 'ai.mjs', options: AiOptions = {}) {
  const file = join(tempFolder(), name);
  writeFileSync(file, source);
  const receiver = await startTestReceiver();
  const ai = { module: file, timeoutMs: 60_000, ...options };
  const { emulator, postAndWait } = await startTestEmulator({ ai }, receiver.url);
  const notices: string[] = [];
  emulator.subscribe((entry) => {
    if (entry.type === 'notice') notices.push(entry.text);
  });
  const send = async (fields: Record<string, unknown> = {}) => {
    const { reference_id } = await postAndWait('settled', candidateCreated(fields));
    return receiver.received
      .map(({ body }) => JSON.parse(body.toString()))
      .find((event) => event.reference_id === reference_id);
  };
  /** Only what is to go over its time gets a short one: a busy machine is no module that takes long. */
  const limit = (timeoutMs: number) => {
    ai.timeoutMs = timeoutMs;
    emulator.reload(testOptions({ ai: { ...ai } }, receiver.url));
  };
  const edit = (text: string) => {
    writeFileSync(file, text);
    limit(ai.timeoutMs);
  };
  return { emulator, send, edit, limit, notices };
}

const JOB: AiJob = {
  job_id: 'job-1',
  reference_id: '01933b6e-0000-7000-8000-000000000000',
  event: 'candidate.created',
  ats_id: 'demo-ats',
  client_id: 'acme-corp',
  user_id: 'admin-user',
  entity: { id: 'cand-1', data: {} },
  candidate: null,
  vacancy: null,
  request: {},
  cv_text: null,
};

const SAYS = (summary: string) => `
export function process(job) {
  console.log('asked about', job.entity.id);
  if (job.entity.data.last_name === 'Stub') return { default: true };
  if (job.entity.data.last_name === 'Bad') return { dta: 1 };
  return { data: { ...job.entity.data, summary: '${summary}' } };
}
`;

test('a module answers, is read again when it changes, and what it prints is a notice', async () => {
  const { send, edit, notices } = await start(SAYS('one'));
  expect((await send({ candidate_id: 'c1' })).data.summary).toBe('one');
  expect((await send({ last_name: 'Stub' })).status).toBe('success');
  expect((await send({ last_name: 'Bad' })).error).toMatchObject({ code: 'ai_bad_answer' });
  await expect.poll(() => notices).toContain('AI module: asked about c1');
  edit(SAYS('two, longer'));
  expect((await send()).data.summary).toBe('two, longer');
});

test('a CommonJS module works too', async () => {
  const { send } = await start(
    `module.exports = { async process(job) { return { data: { ...job.entity.data, summary: 'cjs' } }; } };`,
    'ai.cjs',
  );
  expect((await send()).data.summary).toBe('cjs');
});

test('one that does not load leaves the one before in force, and the notice says the line', async () => {
  const { send, edit, notices } = await start(SAYS('good'));
  expect((await send()).data.summary).toBe('good');
  edit('export function process(job) {\n  return {;\n}\n');
  await expect.poll(() => notices.join('\n')).toMatch(/ai\.mjs:2: SyntaxError: .*stays in force/);
  expect((await send()).data.summary).toBe('good');
  edit('\n\nthrow new Error("not today");');
  await expect.poll(() => notices.join('\n')).toMatch(/ai\.mjs:3: not today; .*stays in force/);
  edit('export const nothing = 1;');
  await expect.poll(() => notices.join('\n')).toMatch(/no function called process/);
});

test('what throws, loops for ever or ends its process fails its job alone', async () => {
  const { send, limit } = await start(
    `export async function process({ entity }) {
  if (entity.data.last_name === 'Throw')
    throw new TypeError('boom');
  if (entity.data.last_name === 'Loop') for (;;);
  if (entity.data.last_name === 'Exit') globalThis.process.exit(3);
  return { data: entity.data };
}`,
  );
  expect((await send({ last_name: 'Throw' })).error).toEqual({
    code: 'ai_module_error',
    message: expect.stringMatching(/ai\.mjs:3: TypeError: boom/),
  });
  limit(3000);
  expect((await send({ last_name: 'Loop' })).error).toMatchObject({ code: 'ai_timeout' });
  limit(60_000);
  await expect.poll(async () => (await send()).status).toBe('success');
  expect((await send({ last_name: 'Exit' })).error).toMatchObject({ code: 'ai_module_error' });
  expect((await send()).status).toBe('success');
});

test('a job that comes while the thread is being ended goes to the next one', async () => {
  const file = join(tempFolder(), 'ai.mjs');
  writeFileSync(
    file,
    'export function process({ reference_id }) {\n  while (reference_id === "loop");\n  return {};\n}',
  );
  const module = createAiModule(() => {});
  onTestFinished(module.close);
  module.use(file);
  const ask = (reference_id: string, timeoutMs: number) => {
    const job: AiJob = { ...JOB, reference_id };
    return module.ask(job, timeoutMs, new AbortController().signal);
  };
  const { promise: late, resolve } = withResolvers<AiAnswered>();
  const { terminate } = Worker.prototype;
  const spied = vi.spyOn(Worker.prototype, 'terminate').mockImplementationOnce(function (this: Worker) {
    ask('late', 60_000).then(resolve);
    return terminate.call(this);
  });
  onTestFinished(() => spied.mockRestore());
  expect(await ask('loop', 100)).toMatchObject({ kind: 'timeout' });
  // What it answered is no profile; the other one would not have answered at all.
  expect(await late).toMatchObject({ kind: 'bad' });
});

test('one that takes long is not taken for one that loops for ever', async () => {
  // The thread counts: a new one would begin at 1.
  const { send, limit } = await start(
    `let calls = 0;
export function process({ entity }) {
  calls++;
  if (entity.data.last_name === 'Long') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2500);
  return { data: { ...entity.data, summary: String(calls) } };
}`,
    'ai.mjs',
    { timeoutMs: 1000 },
  );
  expect((await send({ last_name: 'Long' })).error).toMatchObject({ code: 'ai_timeout' });
  limit(60_000);
  const next = () => send().then(({ data }) => Number(data?.summary ?? 0));
  await expect.poll(next).toBeGreaterThan(0);
  expect(await next()).toBeGreaterThan(2);
});

test('the one before ends when it is read again, also after a job that went over its time', async () => {
  const { send, edit, limit, notices } = await start(
    `import { createServer } from 'node:net';
const server = createServer().listen(0, '127.0.0.1', () => console.log('port', server.address().port));
export function process({ entity }) {
  if (entity.data.last_name === 'Never') return new Promise(() => {});
  return { data: entity.data };
}`,
    'ai.mjs',
    { timeoutMs: 500 },
  );
  await expect.poll(() => notices.join('\n')).toMatch(/port \d+/);
  const [, port] = /port (\d+)/.exec(notices.join('\n'))!;
  expect((await send({ last_name: 'Never' })).error).toMatchObject({ code: 'ai_timeout' });
  limit(60_000);
  edit(SAYS('new'));
  expect((await send()).data.summary).toBe('new');
  const listens = () => isListening(new URL(`http://127.0.0.1:${port}`));
  await expect.poll(listens).toBe(false);
});

test('one that was never right fails jobs and not the gateway', async () => {
  const { send, edit } = await start('export function process( {');
  expect((await send()).error).toMatchObject({
    code: 'ai_module_error',
    message: expect.stringContaining('ai.mjs:1'),
  });
  edit(SAYS('repaired'));
  expect((await send()).data.summary).toBe('repaired');
});

test('a module that is not there is reported, and read when it comes', async () => {
  const file = join(tempFolder(), 'late.mjs');
  const receiver = await startTestReceiver();
  const ai = { module: file };
  const { emulator, postAndWait } = await startTestEmulator({ ai }, receiver.url);
  const run = async () => {
    const { trace } = await postAndWait('settled');
    return trace.job!.error;
  };
  expect((await run())!.message).toBe(`the module does not load: ${file}: no such file`);
  writeFileSync(file, SAYS('here'));
  expect(emulator.reload(testOptions({ ai }, receiver.url))).toEqual(['the AI module is read again']);
  expect(await run()).toBeNull();
});
