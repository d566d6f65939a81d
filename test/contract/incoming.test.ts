import { describe, expect, it } from 'vitest';
import { INCOMING_EVENTS } from '../../src/contract/event-names.ts';
import { INCOMING_SCHEMAS, parseIncomingEvent } from '../../src/contract/incoming.ts';
import { parseJson, stringifyJson } from '../../src/contract/json.ts';
import { MAX_ID_LENGTH, MAX_PROBLEMS } from '../../src/contract/limits.ts';
import { incomingSample } from '../../src/contract/samples.ts';

const candidate = () => incomingSample('candidate.created') as Record<string, unknown>;

function problemsOf(value: unknown) {
  const result = parseIncomingEvent(value);
  if (result.ok) throw new Error('was accepted');
  return result.problems;
}

/** `type at.loc` of every problem. */
const kinds = (value: unknown) => problemsOf(value).map((one) => `${one.type} ${one.loc.join('.')}`);

describe('parseIncomingEvent', () => {
  it.each(INCOMING_EVENTS)('accepts the sample of %s', (event) => {
    const sample = incomingSample(event);
    expect(parseIncomingEvent(sample)).toEqual({ ok: true, value: sample });
  });

  it.each(INCOMING_EVENTS)('requires event_id, client_id and user_id of %s', (event) => {
    const { event_id, client_id, user_id, ...rest } = incomingSample(event) as Record<string, unknown>;
    expect([event_id, client_id, user_id].every(Boolean)).toBe(true);
    expect(kinds(rest)).toEqual(['missing body.event_id', 'missing body.client_id', 'missing body.user_id']);
  });

  it('accepts what the documentation shows', () => {
    const body = {
      event: 'candidate.created',
      event_id: 'evt-unique-id',
      client_id: 'your-client-id',
      user_id: 'your-user-id',
      candidate_id: 'candidate-456',
      first_name: 'John',
      last_name: 'Doe',
      email: 'john.doe@example.com',
    };
    expect(parseIncomingEvent(body).ok).toBe(true);
  });

  it('lists five wrong fields at once', () => {
    const body = { ...candidate(), event_id: '', client_id: 7, first_name: null, email: 'no-address' };
    delete (body as Record<string, unknown>).candidate_id;
    expect(kinds(body)).toEqual([
      'string_too_short body.event_id',
      'string_type body.client_id',
      'missing body.candidate_id',
      'string_type body.first_name',
      'value_error body.email',
    ]);
    expect(problemsOf(body)[2]).toMatchObject({
      msg: 'Field required',
      input: { event: 'candidate.created' },
    });
    expect(problemsOf(body)[4]).toMatchObject({ input: 'no-address' });
  });

  it('names the allowed events for an unknown one, and lists the other problems too', () => {
    const problems = problemsOf({ event: 'candidate.exploded', event_id: 5, client_id: 'c' });
    expect(problems.map((one) => one.type)).toEqual(['union_tag_invalid', 'string_type', 'missing']);
    for (const event of INCOMING_EVENTS) expect(problems[0]!.msg).toContain(`'${event}'`);
  });

  it.each([
    [undefined, 'missing body.event'],
    [null, 'string_type body.event'],
    [['candidate.created'], 'string_type body.event'],
    ['__proto__', 'union_tag_invalid body.event'],
    ['constructor', 'union_tag_invalid body.event'],
  ])('refuses the event %j', (event, expected) => {
    expect(kinds({ ...candidate(), event })).toEqual([expected]);
  });

  it.each([[null], [[]], ['text'], [3], [true]])('refuses %j, which is no object', (value) => {
    expect(kinds(value)).toEqual(['model_attributes_type body']);
  });

  it('keeps unknown fields, long numbers and the order of keys', () => {
    const text = stringifyJson({ zeta: 1, ...candidate() }).replace('"zeta":1', '"zeta":9007199254740993');
    const json = parseJson(new TextEncoder().encode(text));
    const result = json.ok ? parseIncomingEvent(json.value) : { ok: false as const };
    expect(result.ok && stringifyJson(result.value)).toBe(text);
  });

  it.each([
    ['x'.repeat(MAX_ID_LENGTH + 1), 'string_too_long body.candidate_id'],
    ['', 'string_too_short body.candidate_id'],
    ['a\u0000b', 'value_error body.candidate_id'],
    ['a\nb', 'value_error body.candidate_id'],
    ['a\ud800', 'string_unicode body.candidate_id'],
  ])('refuses the id %j', (candidate_id, expected) => {
    expect(kinds({ ...candidate(), candidate_id })).toEqual([expected]);
  });

  it.each(['x'.repeat(MAX_ID_LENGTH), 'ä/ö #1', '😀', '../../etc', "'; DROP TABLE"])(
    'accepts the id %j',
    (id) => {
      expect(parseIncomingEvent({ ...candidate(), candidate_id: id }).ok).toBe(true);
    },
  );

  it.each(['a@b', 'jane+score-42@example.com', "o'neil@example.co.uk", 'jörg@müller.example'])(
    'accepts the address %s',
    (email) => {
      expect(parseIncomingEvent({ ...candidate(), email }).ok).toBe(true);
    },
  );

  it.each(['', 'a', '@b', 'a@', 'a b@c.nl', 'a@b\n.nl'])('refuses the address %j', (email) => {
    expect(kinds({ ...candidate(), email })).toEqual(['value_error body.email']);
  });

  it('lets an update remove optional fields with null, but not what the entity needs', () => {
    const base = {
      event: 'candidate.updated',
      event_id: 'e',
      client_id: 'c',
      user_id: 'u',
      candidate_id: 'x',
    };
    expect(parseIncomingEvent(base).ok).toBe(true);
    expect(parseIncomingEvent({ ...base, phone: null, skills: null, cv: null, other: null }).ok).toBe(true);
    expect(kinds({ ...base, first_name: null, email: 'wrong' })).toEqual([
      'string_type body.first_name',
      'value_error body.email',
    ]);
  });

  it('takes requirements as text or as a list', () => {
    const vacancy = incomingSample('vacancy.created');
    expect(parseIncomingEvent({ ...vacancy, requirements: 'Two years' }).ok).toBe(true);
    expect(kinds({ ...vacancy, requirements: 4 })).toEqual(['value_error body.requirements']);
  });

  it('points into lists and nested objects', () => {
    expect(kinds({ ...candidate(), skills: ['a', 1], cv: {} })).toEqual([
      'string_type body.skills.1',
      'missing body.cv.carv_file_id',
    ]);
  });

  it('bounds its answer to a large body', () => {
    const large = {
      a: 'x'.repeat(500_000),
      b: Array(100_000).fill(1),
      skills: Array(900).fill(1),
      event: 'candidate.created',
    };
    const problems = problemsOf(large);
    expect(problems.length).toBe(MAX_PROBLEMS);
    expect(problems.at(-1)).toMatchObject({ type: 'too_many_problems' });
    expect(JSON.stringify(problems).length).toBeLessThan(100_000);
    expect(kinds({ ...candidate(), skills: Array(500_000).fill(1) })).toEqual(['too_long body.skills']);
  });

  it('has a schema for every event and no other', () => {
    expect(Object.keys(INCOMING_SCHEMAS)).toEqual([...INCOMING_EVENTS]);
  });
});
