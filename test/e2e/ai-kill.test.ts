import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startAiService } from '../support/ai-service.ts';
import { candidateCreated, type DevProcess, postWebhook, startDevAlone } from '../support/dev-process.ts';
import { tempFolder } from '../support/folder.ts';
import { runCli } from '../support/program.ts';
import { startJudgingReceiver } from '../support/receiver.ts';

const JOBS = 50;

/** Sends an event, and returns the summary that it leads to. */
async function sendForSummary(dev: DevProcess, receiver: Awaited<ReturnType<typeof startJudgingReceiver>>) {
  const { length } = receiver.received;
  await postWebhook(dev, candidateCreated(`cand-${length}`));
  await receiver.waitUntil(() => receiver.received.length > length, 'the result');
  return (receiver.received.at(-1)!.json as { data: { summary?: string } }).data.summary;
}

describe('carvos dev with an AI service', () => {
  test(`SIGKILL while ${JOBS} jobs are at the service: after a restart each is finished once`, async () => {
    const cwd = tempFolder();
    const receiver = await startJudgingReceiver(async () => 200);
    const service = await startAiService({ secret: 'demo-ai-secret' });
    const args = ['--db', 'carvos.db', '--webhook-url', receiver.url];
    const before = await startDevAlone(cwd, [...args, '--ai-url', service.url]);
    const references = await Promise.all(
      Array.from({ length: JOBS }, async (_, index) => {
        const response = await postWebhook(before, candidateCreated(`cand-${index}`, { last_name: 'hang' }));
        expect(response.status).toBe(202);
        return ((await response.json()) as { reference_id: string }).reference_id;
      }),
    );
    await service.program.waitUntil(() => service.jobs().length === JOBS, 'all jobs at the service');
    await before.program.end('SIGKILL');
    const oldLink = service.jobs()[0]!.callback_url;

    const other = await startAiService({ secret: 'demo-ai-secret' });
    const after = await startDevAlone(cwd, [...args, '--ai-url', other.url]);
    // The jobs are asked again; this service holds them too, until it gets their answers by callback.
    await other.program.waitUntil(
      () => other.jobs().length === JOBS,
      'all jobs at the service again',
      60_000,
    );
    const late = await fetch(`${after.url}${new URL(oldLink).pathname}`, {
      method: 'POST',
      body: '{"nothing": true}',
    });
    expect(late.status).toBe(404);
    await Promise.all(
      other.jobs().map(async ({ callback_url, entity }) => {
        const data = { ...entity.data, summary: `answer for ${entity.id}` };
        const response = await fetch(callback_url, { method: 'POST', body: JSON.stringify({ data }) });
        expect(response.status).toBe(200);
      }),
    );
    await receiver.waitUntil(() => receiver.received.length >= JOBS, `${JOBS} results`, 60_000);
    expect(await after.program.end('SIGINT')).toEqual({ code: 0, signal: null });
    const results = receiver.received.map(
      ({ json }) => json as { reference_id: string; data: Record<string, unknown> },
    );
    expect(results.map(({ reference_id }) => reference_id).sort()).toEqual([...references].sort());
    for (const { data } of results) expect(data.summary).toBe(`answer for ${data.candidate_id}`);

    const listing = await startDevAlone(cwd, ['--db', 'carvos.db', '--webhook-url', receiver.url]);
    const { stdout } = await runCli(['jobs', '--limit', '100', '--json'], { cwd });
    const jobs = JSON.parse(stdout).items as { attempts: object[]; reference_id: string }[];
    expect(jobs).toHaveLength(JOBS);
    // What the kill cut off is in the log, and the next attempt counts on.
    for (const { attempts } of jobs) {
      expect(attempts).toMatchObject([
        { run: 1, number: 1, backend: 'service', outcome: 'interrupted', error: { code: 'interrupted' } },
        { run: 1, number: 2, backend: 'service (callback)', outcome: 'answered', error: null },
      ]);
    }
    const trace = await runCli(['trace', jobs[0]!.reference_id], { cwd });
    expect(trace.stdout).toMatch(/attempt 1 .*by service {2}interrupted: the gateway stopped.*\n.*attempt 2/);
    await listing.program.end('SIGINT');
  }, 180_000);

  test('a rule that is edited while it runs changes the next result; a wrong one nothing', async () => {
    const cwd = tempFolder();
    const receiver = await startJudgingReceiver(async () => 200);
    const config = join(cwd, 'carvos.config.json');
    const write = (rules: string) => writeFileSync(config, `{"ai": {\n"rules": [\n${rules}\n]}}`);
    write('{"data": {"summary": "before"}}');
    const dev = await startDevAlone(cwd, ['--db', ':memory:', '--webhook-url', receiver.url]);
    const summary = () => sendForSummary(dev, receiver);
    expect(await summary()).toBe('before');
    write('{"data": {"summary": "after"}}');
    await dev.program.waitForText(/rules of the AI: 1/);
    expect(await summary()).toBe('after');
    write('{"data": {"summary": "never"}},\n{"fial": "x"}');
    const [line] = await dev.program.waitForText(/carvos\.config\.json:4 .*/);
    expect(line).toContain('ai.rules[1].fial: is not a known field. Did you mean fail');
    expect(await summary()).toBe('after');

    write('{"fail": "down"}');
    await dev.program.waitForText(/changed: rules of the AI.*changed: rules of the AI/s);
    await summary();
    const listed = await runCli(['jobs', '--state', 'failed', '--json'], { cwd });
    const [job] = JSON.parse(listed.stdout).items;
    expect(job).toMatchObject({
      state: 'failed',
      error: { code: 'down' },
      attempts: [{ backend: 'rule 1' }],
    });
    write('');
    await dev.program.waitForText(/rules of the AI: 0/);
    const { length } = receiver.received;
    const rerun = await runCli(['jobs', 'rerun', job.id], { cwd });
    expect([rerun.code, rerun.stdout]).toEqual([0, expect.stringContaining('runs again (run 2)')]);
    await receiver.waitUntil(() => receiver.received.length > length, 'the result of the re-run');
    const trace = await runCli(['trace', job.reference_id], { cwd });
    expect(trace.stdout).toMatch(/run 2.*attempt 1 .*by rule 1.*attempt 2\.1 .*by stub/s);
  });

  test('a module, what it imports, and one that is named while it runs are read when they change', async () => {
    const cwd = tempFolder();
    const receiver = await startJudgingReceiver(async () => 200);
    const write = (name: string, text: string) => {
      mkdirSync(dirname(join(cwd, name)), { recursive: true });
      writeFileSync(join(cwd, name), text);
    };
    const answering = (words: string) =>
      `import { words } from './${words}';
       export const process = (job) => ({ data: { ...job.entity.data, summary: words } });`;
    write('carvos.config.json', '{"ai": {"mode": "stub"}}');
    const dev = await startDevAlone(cwd, ['--db', ':memory:', '--webhook-url', receiver.url]);
    const summary = () => sendForSummary(dev, receiver);
    /** Makes a change, and waits until it is reported. */
    const change = async (name: string, text: string, reported: RegExp) => {
      const often = () =>
        said(dev)
          .split('\n')
          .filter((line) => reported.test(line)).length;
      const before = often();
      write(name, text);
      await dev.program.waitUntil(() => often() > before, String(reported));
    };
    await summary();
    write('ai/words.mjs', "export const words = 'one';");
    write('ai/main.mjs', answering('words.mjs'));
    await change('carvos.config.json', '{"ai": {"module": "ai/main.mjs"}}', /the AI is now the module/);
    expect(await summary()).toBe('one');
    // Named after the start, and imported.
    await change(
      'ai/words.mjs',
      "export const words = 'two';",
      /words\.mjs changed: the AI module is read again/,
    );
    expect(await summary()).toBe('two');
    write('ai/lib/more.mjs', "export const words = 'three';");
    await change('ai/main.mjs', answering('lib/more.mjs'), /main\.mjs changed: the AI module is read again/);
    expect(await summary()).toBe('three');
    await change('ai/lib/more.mjs', "export const words = 'four';", /more\.mjs changed/);
    expect(await summary()).toBe('four');
    await change(
      'ai/lib/more.mjs',
      "export const words =\n= 'five';",
      /more\.mjs:2: SyntaxError.*stays in force/,
    );
    expect(await summary()).toBe('four');
    await change('ai/lib/more.mjs', "export const words = 'six';", /more\.mjs changed/);
    expect(await summary()).toBe('six');
    write('other.mjs', answering('ai/lib/more.mjs'));
    await change('carvos.config.json', '{"ai": {"module": "other.mjs"}}', /the AI is now the module .*other/);
    await change('other.mjs', answering('ai/words.mjs'), /other\.mjs changed/);
    expect(await summary()).toBe('two');
  });

  test('records with a flag and plays back with another; flags that make no sense end with 2', async () => {
    const cwd = tempFolder();
    const receiver = await startJudgingReceiver(async () => 200);
    const service = await startAiService({ secret: 'demo-ai-secret' });
    const run = async (args: string[], eventId: string) => {
      const dev = await startDevAlone(cwd, ['--db', ':memory:', '--webhook-url', receiver.url, ...args]);
      const count = receiver.received.length;
      await postWebhook(dev, candidateCreated('cand-1', { last_name: 'Echt', event_id: eventId }));
      await receiver.waitUntil(() => receiver.received.length > count, 'the result');
      await dev.program.end('SIGINT');
      const { json } = receiver.received.at(-1)!;
      return json as { status: string; error: { code: string } | null; data: Record<string, unknown> };
    };
    const recorded = await run(['--ai-url', service.url, '--record', join(cwd, 'rec')], 'e1');
    expect(recorded.data.summary).toBe('by the service, attempt 1');
    service.program.kill();
    await service.program.waitForExit();
    const played = await run(['--playback', join(cwd, 'rec')], 'e2');
    expect(JSON.stringify(played.data)).toBe(JSON.stringify(recorded.data));
    mkdirSync(join(cwd, 'empty'));
    expect((await run(['--playback', join(cwd, 'empty')], 'e3')).error!.code).toBe('ai_no_recording');
    expect((await run(['--playback', join(cwd, 'none'), '--playback-or-stub'], 'e4')).status).toBe('success');
    for (const args of [
      ['--ai', 'proxy'],
      ['--ai', 'magic'],
      ['--ai', 'module'],
      ['--record', 'a', '--playback', 'b'],
      ['--playback-or-stub'],
    ]) {
      expect((await runCli(['dev', '--port', '0', ...args], { cwd })).code, args.join(' ')).toBe(2);
    }
  });
});

function said(dev: DevProcess): string {
  return `${dev.program.stdout}\n${dev.program.stderr}`;
}
