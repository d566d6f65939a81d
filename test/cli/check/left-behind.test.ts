import { expect, test } from 'vitest';
import { crashProbe } from '../../../src/client/check/probes/crash.ts';
import { runCheck } from '../../../src/client/check/run-check.ts';
import { serve } from '../../support/receiver.ts';

test('a receiver that cannot be killed is not judged: what holds its port is no fault of its code', async () => {
  let events = 0;
  const { url } = await serve(({ method }, response) => {
    if (method === 'POST') events++;
    response.end(String(events));
  });
  const program = {
    kill: async () => 'a process is still there',
    start: () => expect.unreachable('nothing was killed'),
  };
  let made = 0;
  const { results } = await runCheck({
    url: new URL(`${url}/hook`),
    secret: 'secret',
    incomingSecret: null,
    ownBodies: null,
    state: new URL(`${url}/state`),
    timeoutMs: 30_000,
    testHeader: false,
    fresh: () => ({ event: 'candidate.created', event_id: `evt-${++made}` }),
    probes: [{ ...crashProbe(program, 2, 1), after: [] }],
  });
  expect(results).toMatchObject([
    { outcome: 'not_judged', details: [expect.stringMatching(/^a process is still there; killed at \d+ %/)] },
  ]);
});
