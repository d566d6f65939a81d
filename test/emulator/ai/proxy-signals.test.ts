import { expect, test } from 'vitest';
import { createAiLinks } from '../../../src/emulator/processing/ai/links.ts';
import { normalizeAi } from '../../../src/emulator/processing/ai/options.ts';
import { createProxy } from '../../../src/emulator/processing/ai/proxy.ts';
import type { AiJob } from '../../../src/emulator/processing/backend.ts';
import { serve } from '../../support/receiver.ts';

const job: AiJob = {
  job_id: 'job_1',
  reference_id: 'r-1',
  event: 'candidate.created',
  ats_id: 'test-ats',
  client_id: 'acme-corp',
  user_id: null,
  entity: { id: 'c-1', data: { candidate_id: 'c-1' } },
  candidate: null,
  vacancy: null,
  request: {},
  cv_text: null,
};

/** How many signals Node remembers to be made from this one. */
function countDependants(signal: AbortSignal): number {
  const names = Object.getOwnPropertySymbols(signal).filter((name) => /dependant/i.test(String(name)));
  const held = signal as unknown as Record<symbol, { size: number } | null>;
  return names.reduce((sum, name) => sum + (held[name]?.size ?? 0), 0);
}

test('a job that has ended leaves nothing with the signal of the gateway, which lives for weeks', async () => {
  const service = await serve((_heard, response) => {
    response.setHeader('Content-Type', 'application/json').end('{"error":{"code":"no","message":"no"}}');
  });
  const proxy = createProxy(createAiLinks(), () => 'http://127.0.0.1:1');
  const { signal } = new AbortController();
  const session = proxy.open(job, normalizeAi({ url: service.url }));
  const { answer } = await session.ask(1, signal, async () => {});
  session.close?.();
  await proxy.close();
  expect(answer).toMatchObject({ kind: 'failure' });
  expect(countDependants(signal)).toBe(0);
});
