import fc from 'fast-check';
import { LosslessNumber } from 'lossless-json';
import { describe, expect, test } from 'vitest';
import type { IncomingEventName } from '../../../src/contract/event-names.ts';
import { INCOMING_EVENTS } from '../../../src/contract/event-names.ts';
import type { AiJob, AiResult } from '../../../src/emulator/processing/backend.ts';
import { askStub } from '../../../src/emulator/processing/stub/stub.ts';

function job(event: IncomingEventName, rest: Partial<AiJob> = {}): AiJob {
  return {
    job_id: 'job-1',
    reference_id: '01933b6e-0000-7000-8000-000000000000',
    event,
    ats_id: 'demo-ats',
    client_id: 'acme-corp',
    user_id: 'admin-user',
    entity: null,
    candidate: null,
    vacancy: null,
    request: {},
    cv_text: null,
    ...rest,
  };
}

const run = (each: AiJob): Promise<AiResult> => askStub(each, new AbortController().signal);

async function dataOf(each: AiJob): Promise<Record<string, unknown>> {
  const result = await run(each);
  if (result.kind !== 'result') throw new Error(`expected a result, not ${result.kind}`);
  return result.data;
}

const VACANCY = {
  id: 'vac-1',
  data: {
    title: 'Java Developer',
    description: 'Je bouwt aan het planningssysteem van een vervoerder in Utrecht.',
    requirements: ['Java', 'Spring Boot', 'Kubernetes', 'HBO werk- en denkniveau'],
  },
};
const CV = 'Sanne de Wit. Ontwikkelaar. Vijf jaar Java en Spring Boot bij een vervoerder. HBO Informatica.';

function application(candidate: Record<string, unknown>, rest: Partial<AiJob> = {}): AiJob {
  return job('application.created', {
    entity: { id: 'app-1', data: { candidate_id: 'cand-1', vacancy_id: 'vac-1', stage: ' Interview ' } },
    candidate: { id: 'cand-1', data: candidate },
    vacancy: VACANCY,
    ...rest,
  });
}

describe('profiles', () => {
  test('a candidate comes back tidied, with unknown fields as they were', async () => {
    const exact = new LosslessNumber('9007199254740993');
    const nested = { a: [' x '] };
    const data = {
      candidate_id: 'cand-1',
      first_name: '  Anne-Fleur ',
      last_name: "van  't\tHof",
      email: ' Anne.Fleur@Example.NL ',
      phone: '+31 (0)6-12345678',
      location: ' Utrecht ',
      skills: ['Java', 'java ', ' ', 'SQL', 7],
      salary: exact,
      nested,
    };
    const before = structuredClone({ ...data, salary: null });
    const result = await dataOf(job('candidate.created', { entity: { id: 'cand-1', data } }));
    expect(result).toEqual({
      candidate_id: 'cand-1',
      first_name: 'Anne-Fleur',
      last_name: "van 't Hof",
      full_name: "Anne-Fleur van 't Hof",
      email: 'anne.fleur@example.nl',
      phone: '+31612345678',
      location: 'Utrecht',
      skills: ['Java', 'SQL', 7],
      salary: exact,
      nested: { a: [' x '] },
    });
    expect(result.salary).toBe(exact);
    expect({ ...data, salary: null }).toEqual(before);
  });

  test('a vacancy keeps the lines of its description', async () => {
    const data = {
      title: ' Java  Developer',
      description: '\r\nEen\r\n\r\nTwee ',
      requirements: ['SQL', 'sql'],
    };
    const result = await dataOf(job('vacancy.updated', { entity: { id: 'vac-1', data } }));
    expect(result).toEqual({
      vacancy_id: 'vac-1',
      title: 'Java Developer',
      description: 'Een\n\nTwee',
      requirements: ['SQL'],
    });
  });

  test('an updated application is whole, without a new score', async () => {
    const data = { candidate_id: 'cand-1', vacancy_id: 'vac-1', stage: ' Interview ', note: ' n ' };
    const result = await dataOf(job('application.updated', { entity: { id: 'app-1', data } }));
    expect(result).toEqual({ ...data, application_id: 'app-1', stage: 'Interview' });
  });
});

describe('deletions and workspaces', () => {
  test.each(['candidate', 'vacancy', 'application'] as const)('%s.deleted is confirmed', async (kind) => {
    const field = `${kind}_id`;
    const event = `${kind}.deleted` as const;
    expect(await dataOf(job(event, { request: { [field]: 'x-1' } }))).toEqual({
      [field]: 'x-1',
      deleted: true,
    });
    const entity = { id: 'x-2', data: { email: 'a@b.nl' } };
    expect(await dataOf(job(event, { entity }))).toEqual({ [field]: 'x-2', deleted: true });
  });

  test('a workspace is provisioned with its admin; by REST the admin is known by e-mail', async () => {
    const request = { name: 'Acme Corp', admin_name: 'Admin User', admin_email: 'admin@acme.com' };
    const data = await dataOf(job('workspace.created', { request }));
    expect(data).toEqual({
      client_id: 'acme-corp',
      name: 'Acme Corp',
      status: 'provisioned',
      admin: { user_id: 'admin-user', name: 'Admin User', email: 'admin@acme.com' },
    });
    const byRest = await dataOf(job('workspace.created', { request, user_id: null }));
    expect(byRest.admin).toMatchObject({ user_id: 'admin@acme.com' });
  });

  test('a member is named by member_user_id', async () => {
    const request = {
      user_id: 'admin-user',
      member_user_id: 'rec-1',
      name: 'Jane Smith',
      email: 'jane@acme.com',
    };
    expect(await dataOf(job('workspace.member_added', { request }))).toEqual({
      client_id: 'acme-corp',
      user_id: 'rec-1',
      name: 'Jane Smith',
      email: 'jane@acme.com',
    });
  });
});

describe('scores', () => {
  test('the reasons name what was found, where, and what is missing', async () => {
    const data = await dataOf(application({ skills: ['Kubernetes'] }, { cv_text: CV }));
    expect(data).toMatchObject({ application_id: 'app-1', candidate_id: 'cand-1', stage: 'Interview' });
    expect(data.score_reasons).toEqual([
      'Found in the CV: Java, Spring Boot.',
      'Found in the profile, but not in the CV: Kubernetes.',
      'Partly found: HBO werk- en denkniveau.',
      "The candidate shows 1 of 2 words of the vacancy's title.",
    ]);
    // By hand: requirements (1 + 1 + 0.5 + 1/3) / 4 x 70, title 1/2 x 20, description 1 of its 5 words
    // (bouwt planningssysteem vervoerder utrecht; "vervoerder" found) = 1/4 / 0.4 x 10.
    expect(data.score).toBe(Math.round((2.5 + 1 / 3) * 17.5 + 10 + 6.25));
  });

  test('a better CV scores higher, and one that fits nothing scores 0', async () => {
    const score = async (cv_text: string) => (await dataOf(application({}, { cv_text }))).score as number;
    const none = await score('Kok in een restaurant te Maastricht');
    const some = await score('Java');
    const most = await score(CV);
    expect(none).toBe(0);
    expect(some).toBeGreaterThan(none);
    expect(most).toBeGreaterThan(some);
    expect(await score(`${CV} Developer. Kubernetes, werk denkniveau. Bouwt planningssysteem.`)).toBe(100);
  });

  test('without a CV the profile counts, and the reasons say that this is less accurate', async () => {
    const data = await dataOf(application({ headline: 'Java developer', skills: ['Spring Boot'] }));
    expect(data.score).toBeGreaterThan(40);
    expect(data.score_reasons).toContain('Found in the profile: Java, Spring Boot.');
    expect(data.score_reasons).toContain('There is no CV to read: without one the score is less accurate.');
  });

  test.each([
    ['the candidate', application({ first_name: 'Jane' }), /the candidate has no CV/],
    [
      'the vacancy',
      application({}, { cv_text: CV, vacancy: { id: 'v', data: {} } }),
      /the vacancy has no title/,
    ],
    ['a CV without a word', application({}, { cv_text: ' \n\0 ' }), /the candidate has no CV/],
  ])('no text on the side of %s: null, and why', async (_, each, reason) => {
    const data = await dataOf(each);
    expect(data.score).toBeNull();
    expect((data.score_reasons as string[]).join()).toMatch(reason);
  });

  test.each([
    ['C#', 'Ervaring met C# en SQL', 'Ervaring met C++ en SQL'],
    ['.NET', 'ASP .NET webshop', 'het net hangt te hoog'],
    ['Node.js', 'Gebouwd met NodeJS', 'Gebouwd met Vue.js'],
    ['Coördinatie', 'coordinatie van ploegen', 'planning van ploegen'],
  ])('%s is told from its neighbours', async (skill, with_it, without) => {
    const vacancy = { id: 'v', data: { skills: [skill] } };
    expect((await dataOf(application({}, { vacancy, cv_text: with_it }))).score).toBe(100);
    expect((await dataOf(application({}, { vacancy, cv_text: without }))).score).toBe(0);
  });
});

// Keys and values that have broken somebody's JSON handling before.
const hostileText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '\0',
    '\ud800',
    '👩🏽‍💻',
    '__proto__',
    'a@b',
    '+',
    '0031',
    '06-',
    'constructor',
    '....',
    ' \u2028 ',
  ),
);
const hostileValue = fc.oneof(
  hostileText,
  fc.array(fc.oneof(hostileText, fc.integer(), fc.constant(null))),
  fc.jsonValue(),
  fc.constant(new LosslessNumber('1e400')),
);
const fields = fc
  .array(
    fc.tuple(
      fc.oneof(
        fc.constantFrom('__proto__', 'constructor', 'toString', 'first_name', 'last_name', 'email', 'phone'),
        fc.constantFrom(
          'location',
          'country',
          'headline',
          'skills',
          'title',
          'description',
          'requirements',
          'stage',
        ),
        hostileText,
      ),
      hostileValue,
    ),
  )
  .map((entries) => Object.fromEntries(entries) as Record<string, unknown>);
const anyJob = fc
  .tuple(fc.constantFrom(...INCOMING_EVENTS), fields, fields, fields, fc.option(hostileText))
  .map(([event, entity, candidate, vacancy, cv_text]) =>
    job(event, {
      entity: { id: 'e', data: entity },
      candidate: { id: 'c', data: candidate },
      vacancy: { id: 'v', data: vacancy },
      request: entity,
      cv_text,
    }),
  );

describe('whatever is sent', () => {
  test('same input, same output; input unchanged; scores in range; every field comes back', async () => {
    await fc.assert(
      fc.asyncProperty(anyJob, async (each) => {
        const before = JSON.stringify(each);
        const [first, second] = [await run(each), await run(each)];
        expect(JSON.stringify(second)).toBe(JSON.stringify(first));
        expect(JSON.stringify(each)).toBe(before);
        if (first.kind !== 'result') throw new Error(first.kind);
        expect(Object.getPrototypeOf(first.data)).toBe(Object.prototype);
        if (/^(candidate|vacancy|application)\.(created|updated)$/.test(each.event)) {
          for (const key of Object.keys(each.entity!.data)) expect(Object.hasOwn(first.data, key)).toBe(true);
        }
        if (each.event !== 'application.created') return;
        const { score, score_reasons } = first.data;
        expect(
          score === null || (Number.isInteger(score) && Number(score) >= 0 && Number(score) <= 100),
        ).toBe(true);
        expect((score_reasons as string[]).length).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });

  const LENGTH = 512 * 1024;
  test.each([
    ['one word', 'a'.repeat(LENGTH)],
    ['whitespace', ' '.repeat(LENGTH)],
    ['lines', ' \r\n'.repeat(LENGTH / 3)],
    ['dots', 'a.'.repeat(LENGTH / 2)],
    ['signs', 'a+'.repeat(LENGTH / 2)],
    ['commas', 'a,'.repeat(LENGTH / 2)],
    ['distinct skills', Array.from({ length: 60_000 }, (_, i) => `w${i}`).join(',')],
    ['stacked accents', '\u0301\u0316'.repeat(LENGTH / 2)],
    ['emoji', '👩🏽‍💻'.repeat(LENGTH / 8)],
    ['digits', '0'.repeat(LENGTH)],
    ['plus tags', `${'+slow-'.repeat(LENGTH / 6)}@`],
    // Quadratic work on so much takes many minutes: the runner's limit tells it from a busy machine.
  ])('half a mebibyte of %s costs no quadratic work', { timeout: 120_000 }, async (_, text) => {
    const everywhere = Object.fromEntries(
      [
        'first_name',
        'email',
        'phone',
        'location',
        'headline',
        'skills',
        'title',
        'description',
        'requirements',
      ].map((name) => [name, text]),
    );
    const entity = { id: 'e', data: everywhere };
    for (const event of ['candidate.created', 'vacancy.created'] as const) await run(job(event, { entity }));
    await run(application(everywhere, { vacancy: entity, cv_text: text }));
  });
});
