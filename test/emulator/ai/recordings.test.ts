import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AiOptions } from '../../../src/emulator/index.ts';
import { AI_SECRET, startAiService } from '../../support/ai-service.ts';
import { candidateCreated, startDelivering } from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';

/** Sends each candidate to a gateway of its own and returns the bytes of the results, in that order. */
async function results(ai: AiOptions, events: Record<string, unknown>[]): Promise<string[]> {
  const { receiver, emulator, postAndWait } = await startDelivering({
    ai: { secret: AI_SECRET, ...ai },
  });
  const bodies: string[] = [];
  for (const event of events) {
    const { reference_id } = await postAndWait('settled', event);
    bodies.push(
      receiver.received.map(({ body }) => body.toString()).find((body) => body.includes(reference_id))!,
    );
  }
  await emulator.close();
  return bodies;
}

const dataOf = (body: string) => body.slice(body.indexOf('"data":'));

test('what a service answered is played back byte for byte when it is gone, in any order', async () => {
  const folder = join(tempFolder(), 'recordings');
  const service = await startAiService();
  const events = [
    candidateCreated({ candidate_id: 'c1', last_name: 'Ünïcode' }),
    candidateCreated({ candidate_id: 'c2', last_name: 'later', nested: { z: 1, a: [1.5, null] } }),
    candidateCreated({ candidate_id: 'c3', last_name: 'says-no' }),
    candidateCreated({ candidate_id: 'c4', last_name: 'broken' }),
  ];
  const recorded = await results({ url: service.url, record: folder, retries: 0 }, events);
  expect(recorded.map((body) => JSON.parse(body).status)).toEqual(['success', 'success', 'failed', 'failed']);
  service.program.kill();
  await service.program.waitForExit();

  // What is no answer is not recorded.
  expect(readdirSync(folder)).toHaveLength(3);
  const fresh = events.map((event) => ({ ...event, event_id: `${event.event_id}-again` })).reverse();
  const played = (await results({ playback: folder }, fresh)).reverse();
  expect(played.slice(0, 3).map(dataOf)).toEqual(recorded.slice(0, 3).map(dataOf));
  expect(JSON.parse(played[2]!).error).toEqual({ code: 'too_blurry', message: 'cannot read it' });
  expect(JSON.parse(played[3]!).error).toMatchObject({
    code: 'ai_no_recording',
    message: expect.stringMatching(/candidate\.created-[0-9a-f]{20}\.json/),
  });
  const [, , , stubbed] = await results({ playback: folder, playbackOrStub: true }, [...fresh].reverse());
  expect(JSON.parse(stubbed!).status).toBe('success');
});

test('a recording is readable, without personal data in its job, and follows the ids of the run', async () => {
  const folder = tempFolder();
  const service = await startAiService();
  const event = candidateCreated({
    candidate_id: 'first-run',
    last_name: 'Zeldzaam',
    email: 'z@example.com',
  });
  await results({ url: service.url, record: folder, redactAnswer: ['data.email'] }, [event]);
  const [name] = readdirSync(folder);
  const text = readFileSync(join(folder, name!), 'utf8');
  const recording = JSON.parse(text);
  expect(text).toContain('\n  "job": {\n');
  expect(recording.job.entity.data).toMatchObject({ last_name: '[redacted]', email: '[redacted]' });
  expect(recording.answer.data).toMatchObject({ last_name: 'Zeldzaam', email: '[redacted]' });
  expect(text).not.toContain(AI_SECRET);

  const [other] = await results({ playback: folder }, [
    { ...event, candidate_id: 'second-run', event_id: 'x' },
  ]);
  expect(JSON.parse(other!)).toMatchObject({ status: 'failed', error: { code: 'ai_bad_recording' } });
  writeFileSync(
    join(folder, name!),
    text
      .replace('"email": "[redacted]"', '"email": "z@example.com"')
      .replaceAll('"[redacted]"', '"z@example.com"'),
  );
  const [own] = await results({ playback: folder }, [
    { ...event, candidate_id: 'second-run', event_id: 'y' },
  ]);
  expect(JSON.parse(own!)).toMatchObject({ status: 'success', data: { candidate_id: 'second-run' } });
  const [none] = await results({ playback: folder }, [{ ...event, first_name: 'Else' }]);
  expect(JSON.parse(none!).error.code).toBe('ai_no_recording');
  writeFileSync(join(folder, name!), text.slice(0, 50));
  const [broken] = await results({ playback: folder }, [event]);
  expect(JSON.parse(broken!).error).toMatchObject({
    code: 'ai_bad_recording',
    message: expect.stringContaining(name!),
  });
});

test('a pipe in place of a recording holds nothing up', async () => {
  const folder = tempFolder();
  const service = await startAiService();
  const events = Array.from({ length: 6 }, (_, index) =>
    candidateCreated({ candidate_id: `c${index}`, last_name: `Nr${index}` }),
  );
  await results({ url: service.url, record: folder }, events);
  for (const name of readdirSync(folder)) {
    rmSync(join(folder, name));
    execFileSync('mkfifo', [join(folder, name)]);
  }
  const fresh = events.map((event) => ({ ...event, event_id: `${event.event_id}-again` }));
  const played = await results({ playback: folder }, fresh);
  expect(played.map((body) => JSON.parse(body).error)).toEqual(
    events.map(() => ({ code: 'ai_bad_recording', message: expect.stringContaining('is not a file') })),
  );
});
