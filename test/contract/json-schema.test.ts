import { execFileSync, spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { INCOMING_EVENTS, OUTGOING_EVENTS } from '../../src/contract/event-names.ts';
import { eventJsonSchema } from '../../src/contract/json-schema.ts';
import { incomingSample, outgoingSample } from '../../src/contract/samples.ts';

// An independent judge of JSON Schema. Not part of Python itself, so it may be missing.
const judge = spawnSync('python3', ['-c', 'from jsonschema import Draft202012Validator']).status === 0;
if (!judge) {
  process.stderr.write(
    '\n!!! SKIPPED: the event schemas. Install the Python package jsonschema (4 or later) and run again.\n\n',
  );
}

const PROGRAM = `
import json, sys
from jsonschema import Draft202012Validator as Validator
answers = []
for case in json.load(sys.stdin):
    Validator.check_schema(case["schema"])
    answers.append([Validator(case["schema"]).is_valid(value) for value in case["values"]])
json.dump(answers, sys.stdout)
`;

test.skipIf(!judge)('each schema is of 2020-12, takes its sample, and refuses what is wrong', () => {
  const cases = [
    ...INCOMING_EVENTS.map((event) => ({
      event: `incoming ${event}`,
      schema: eventJsonSchema('incoming', event),
      sample: { ...incomingSample(event) } as Record<string, unknown>,
    })),
    ...OUTGOING_EVENTS.map((event) => ({
      event: `outgoing ${event}`,
      schema: eventJsonSchema('outgoing', event),
      sample: { ...outgoingSample(event) } as Record<string, unknown>,
    })),
  ].map(({ event, schema, sample }) => {
    const { event_id: _, ...withoutId } = sample;
    const values = [sample, { ...sample, event: 'another' }, withoutId, { ...sample, client_id: 7 }, []];
    return { event, schema, values };
  });
  expect(cases).toHaveLength(25);
  for (const { schema } of cases) expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');

  const answers: boolean[][] = JSON.parse(
    execFileSync('python3', ['-c', PROGRAM], { input: JSON.stringify(cases), encoding: 'utf8' }),
  );
  for (const [index, { event }] of cases.entries()) {
    expect([event, ...answers[index]!]).toEqual([event, true, false, false, false, false]);
  }
});
