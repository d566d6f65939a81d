import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OutgoingEvent } from '../../../src/contract/outgoing.ts';
import { inventConversation } from '../../../src/emulator/meetings/conversation.ts';
import { meetingFacts } from '../../../src/emulator/meetings/facts.ts';
import { renderTranscript, summarize, writeNotes } from '../../../src/emulator/meetings/outputs.ts';
import { parseTranscript } from '../../../src/emulator/meetings/transcript.ts';
import { withResolvers } from '../../../src/transport/with-resolvers.ts';
import { candidateCreated, startDelivering, startTestEmulator } from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { type Received, startTestReceiver } from '../../support/receiver.ts';

const MEETING_EVENTS = ['meeting.transcript_ready', 'meeting.summary_ready', 'meeting.notes_ready'];

const bodyOf = (one: Received) => JSON.parse(one.body.toString());

/** Unicode's own rule for sentences (UAX 29), by ICU and not by us. */
const sentencesOf = (text: string) =>
  [...new Intl.Segmenter('en', { granularity: 'sentence' }).segment(text)].map((one) => one.segment.trim());

const CANDIDATE = {
  candidate_id: 'cand-m',
  first_name: 'Sanne',
  last_name: '<script>alert("x")</script> & \'Co\'',
  email: 'sanne@example.com',
  skills: ['reach truck', 'HACCP'],
  location: 'Waalwijk',
};
const VACANCY = {
  event: 'vacancy.created',
  event_id: 'evt-vac-m',
  client_id: 'acme-corp',
  user_id: 'admin-user',
  vacancy_id: 'vac-m',
  title: 'Team lead <b>distribution</b> centre',
  location: 'Tilburg',
  requirements: ['Reach truck certificate', 'Dutch'],
};
const APPLICATION = {
  event: 'application.created',
  event_id: 'evt-app-m',
  client_id: 'acme-corp',
  user_id: 'admin-user',
  application_id: 'app-m',
  candidate_id: 'cand-m',
  vacancy_id: 'vac-m',
};

/** A gateway that holds an application, with its candidate and vacancy. */
async function withApplication() {
  const { receiver, emulator, control, postAndWait } = await startDelivering();
  for (const event of [candidateCreated(CANDIDATE), VACANCY, APPLICATION]) {
    await postAndWait('success', event);
  }
  receiver.received.length = 0;
  return { receiver, emulator, control };
}

test('a meeting is three independent events with what the application refers to, transcript first', async () => {
  const { receiver, control } = await withApplication();
  const meeting = await control.recordMeeting({ client_id: 'acme-corp', application_id: 'app-m' });
  expect(meeting).toMatchObject({
    version: 2,
    meeting_id: expect.stringMatching(/^mtg_/),
    application_id: 'app-m',
    candidate_id: 'cand-m',
    vacancy_id: 'vac-m',
  });
  await receiver.waitFor(3);
  const bodies = receiver.received.map(bodyOf);
  expect(bodies.map((body) => body.event)).toEqual(MEETING_EVENTS);
  for (const [index, body] of bodies.entries()) {
    expect(OutgoingEvent.parse(body)).toMatchObject({
      status: 'success',
      data: {
        meeting_id: meeting.meeting_id,
        application_id: 'app-m',
        candidate_id: 'cand-m',
        vacancy_id: 'vac-m',
      },
    });
    expect(receiver.received[index]!.headers['x-carv-causation-id']).toBe(body.reference_id);
    expect(meeting.events[index]).toMatchObject({
      event: body.event,
      event_id: body.event_id,
      reference_id: body.reference_id,
    });
  }
  expect(new Set(bodies.map((body) => body.reference_id)).size).toBe(3);
  expect(new Set(bodies.map((body) => body.event_id)).size).toBe(3);

  const { transcript } = bodies[0].data;
  expect(transcript).toContain(
    '<strong>Sanne &lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;Co&#39;:</strong>',
  );
  expect(transcript).toContain('<strong>Admin:</strong>');
  expect(transcript).toContain('Team lead &lt;b&gt;distribution&lt;/b&gt; centre in Tilburg');
  expect(
    transcript
      .match(/<[^>]+>/g)
      .every((tag: string) => /^<\/?(p|strong|div)( class="transcript")?>$/.test(tag)),
  ).toBe(true);
  expect(sentencesOf(bodies[1].data.summary)).toHaveLength(5);
  expect(bodies[1].data.summary).toContain('reach truck');
  expect(bodies[2].data.notes).toMatch(/^# Interview: Sanne \\<script\\>/);
  expect(bodies[2].data.notes).toContain('## Requirements met\n\n- Reach truck certificate\n');
});

test('the same candidate and vacancy always have the same conversation', async () => {
  const { receiver, control } = await withApplication();
  await control.recordMeeting({ application_id: 'app-m' });
  await control.recordMeeting({ candidate_id: 'cand-m', vacancy_id: 'vac-m' });
  await receiver.waitFor(6);
  const texts = receiver.received
    .map(bodyOf)
    .map(({ event, data }) => [event, data.transcript ?? data.summary ?? data.notes]);
  for (const event of MEETING_EVENTS) {
    const [first, second] = texts.filter(([name]) => name === event);
    expect(first).toEqual(second);
  }
});

test('the summary waits for the first attempt of the transcript, not for its success', async () => {
  const { promise: held, resolve: release } = withResolvers();
  const receiver = await startTestReceiver(async (one) => {
    if (bodyOf(one).event !== 'meeting.transcript_ready') return 200;
    await held;
    return 500;
  });
  const { control } = await startTestEmulator({}, receiver.url);
  const { events } = await control.recordMeeting({});
  await receiver.waitFor(1);
  // Both others are stored, and not due yet.
  expect((await control.status()).deliveries.pending).toBe(3);
  for (const { delivery_id } of events.slice(1)) {
    expect(await control.delivery(delivery_id)).toMatchObject({ attempt_count: 0, next_attempt: null });
  }
  expect(receiver.received).toHaveLength(1);
  release();
  await receiver.waitFor(3);
  expect(receiver.received.map((one) => bodyOf(one).event)).toEqual(MEETING_EVENTS);
  const done = await Promise.all(
    events.map((one) => control.wait(one.reference_id, { until: 'first-attempt', timeoutMs: 60_000 })),
  );
  expect(done.map(({ trace }) => trace.deliveries[0]!.state)).toEqual(['pending', 'delivered', 'delivered']);
  await control.clockMove('drain');
  expect((await control.delivery(events[0]!.delivery_id)).state).toBe('exhausted');
});

test('what was recorded is delivered after a restart', async () => {
  const folder = tempFolder();
  const database = `${folder}/carvos.db`;
  // Nobody listens yet: no attempt succeeds before the restart.
  const { emulator: before, control } = await startTestEmulator({ database }, 'http://127.0.0.1:9/nothing');
  const { events } = await control.recordMeeting({ client_id: 'acme-corp' });
  await before.close();

  const receiver = await startTestReceiver();
  const after = await startTestEmulator({ database }, receiver.url);
  await after.control.clockMove('drain');
  await receiver.waitFor(3);
  expect(new Set(receiver.received.map((one) => bodyOf(one).event_id))).toEqual(
    new Set(events.map((one) => one.event_id)),
  );
});

test('of several workspaces the one that has the application is meant', async () => {
  const { control } = await withApplication();
  const admin = { admin_name: 'O', admin_email: 'o@other.example' };
  await control.addWorkspace({ client_id: 'other', name: 'O', ...admin });
  expect(await control.recordMeeting({ application_id: 'app-m' })).toMatchObject({ client_id: 'acme-corp' });
  expect(await control.recordMeeting({ candidate_id: 'cand-m' })).toMatchObject({ client_id: 'acme-corp' });
});

test('ids that do not exist, contradict each other, or are of another tenant are refused, and nothing is stored', async () => {
  const { control } = await withApplication();
  await control.addWorkspace({
    client_id: 'other',
    name: 'O',
    admin_name: 'O',
    admin_email: 'o@other.example',
  });
  const status = (await control.status()).deliveries;
  const refused = async (request: Parameters<typeof control.recordMeeting>[0]) => {
    const error = await control.recordMeeting(request).catch((thrown: unknown) => thrown);
    return error as { status: number; detail: unknown };
  };
  const client_id = 'acme-corp';
  expect(await refused({ client_id: 'nobody' })).toMatchObject({
    status: 404,
    detail: expect.stringContaining('nobody'),
  });
  expect(await refused({})).toMatchObject({
    status: 404,
    detail: 'Say which workspace with client_id: acme-corp, other',
  });
  expect(await refused({ application_id: 'none', vacancy_id: 'v' })).toMatchObject({
    status: 404,
    detail: 'No workspace has application none and vacancy v',
  });
  for (const kind of ['application', 'candidate', 'vacancy']) {
    expect(await refused({ client_id, [`${kind}_id`]: 'none' })).toMatchObject({
      status: 404,
      detail: `There is no ${kind} none in acme-corp`,
    });
  }
  expect(await refused({ client_id: 'other', candidate_id: 'cand-m' })).toMatchObject({ status: 404 });
  expect(await refused({ client_id, application_id: 'app-m', candidate_id: 'cand-x' })).toMatchObject({
    status: 422,
    detail: expect.stringContaining('cand-m'),
  });
  expect(await refused({ client_id, transcript: ' \n ' })).toMatchObject({ status: 422 });
  expect(await refused({ client_id, transcript: 'x'.repeat(500_001) })).toMatchObject({ status: 422 });
  expect(await refused({ client_id, typo: 1 } as never)).toMatchObject({ status: 422 });
  expect((await control.status()).deliveries).toEqual(status);
});

describe('transcripts', () => {
  const turns = [
    { speaker: 'Marieke Jansen', words: 'Good morning. Shall we start at 10:30?' },
    { speaker: 'Sanne', words: 'Yes, see https://example.com for my portfolio.' },
  ];
  test.each([
    [
      'lines',
      'Marieke Jansen: Good morning.\nShall we start at 10:30?\n\nSanne: Yes, see https://example.com for my portfolio.\n',
    ],
    [
      'WebVTT',
      'WEBVTT\n\nNOTE a comment\n\n1\n00:01.000 --> 00:02.000\n<v Marieke Jansen>Good morning.</v>\n\n00:02.000 --> 00:03.500 align:start\n<v Marieke Jansen><i>Shall we</i> start at 10:30?\n\n00:00:04.000 --> 00:00:05.000\n<v.loud Sanne>Yes, see https://example.com for my portfolio.',
    ],
    [
      'SRT',
      '1\r\n00:00:01,000 --> 00:00:02,000\r\nMarieke Jansen: Good morning.\r\nShall we start at 10:30?\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\nSanne: Yes, see https://example.com for my portfolio.\r\n',
    ],
  ])('%s', (_name, text) => {
    expect(parseTranscript(text)).toEqual(turns);
  });

  test('without speakers, and with nothing', () => {
    expect(parseTranscript('just words\nand more')).toEqual([
      { speaker: 'Speaker', words: 'just words and more' },
    ]);
    expect(parseTranscript('WEBVTT\n\n00:01.000 --> 00:02.000\n\n')).toEqual([]);
    expect(parseTranscript('')).toEqual([]);
  });

  test('markup in what was said is shown, not obeyed', async () => {
    const { receiver, control } = await startDelivering();
    await control.recordMeeting({
      transcript:
        'Eve <img src=x onerror="a()">: 1 < 2 && "2" > \'1\' <script>alert(1)</script>\nAdmin: [x](javascript:alert(1))',
    });
    await receiver.waitFor(3);
    const [transcript, summary, notes] = receiver.received.map((one) => bodyOf(one).data);
    expect(transcript.transcript).toBe(
      '<div class="transcript"><p><strong>Eve &lt;img src=x onerror=&quot;a()&quot;&gt;:</strong> ' +
        '1 &lt; 2 &amp;&amp; &quot;2&quot; &gt; &#39;1&#39; &lt;script&gt;alert(1)&lt;/script&gt;</p>' +
        '<p><strong>Admin:</strong> [x](javascript:alert(1))</p></div>',
    );
    expect(sentencesOf(summary.summary)).toHaveLength(5);
    expect(notes.notes).not.toMatch(/(?<!\\)[<[]/);
  });
});

describe('whatever names and words hold', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc
      .array(
        fc.constantFrom(
          '.',
          '. ',
          '! ',
          '?',
          '…',
          'A',
          'b',
          '7',
          'Dr. ',
          'Node.js',
          '。',
          '\u2029',
          '\u2024',
          '\ue000',
          '"',
          ') ',
          '\n',
        ),
        {
          maxLength: 20,
        },
      )
      .map((parts) => parts.join('')),
  );
  const candidate = fc.record(
    {
      first_name: text,
      last_name: text,
      headline: text,
      location: text,
      skills: fc.array(text, { maxLength: 4 }),
    },
    { requiredKeys: [] },
  );
  const vacancy = fc.record(
    {
      title: text,
      location: text,
      employment_type: text,
      requirements: fc.oneof(text, fc.array(text, { maxLength: 4 })),
    },
    { requiredKeys: [] },
  );

  test('a summary has five sentences, and the transcript only our own tags', () => {
    fc.assert(
      fc.property(
        fc.option(text),
        fc.option(candidate),
        fc.option(vacancy),
        fc.option(fc.array(fc.tuple(text, text), { maxLength: 5 })),
        (recruiter, about, role, said) => {
          const facts = meetingFacts(recruiter, about, role);
          const given = said?.map(([speaker, words]) => `${speaker}: ${words}`).join('\n');
          const turns = given === undefined ? inventConversation(facts) : parseTranscript(given);
          const summary = summarize(facts, turns, given === undefined);
          expect(sentencesOf(summary)).toHaveLength(5);
          expect(summary.match(/[.!?](?= |$)/g)).toHaveLength(5);
          expect(summary).not.toMatch(/[\n\r]/);
          const html = renderTranscript(turns).replace(
            /<\/?(?:p|strong|div(?: class="transcript")?|\/div)>/g,
            '',
          );
          expect(html).not.toMatch(/[<>"']|&(?!amp;|lt;|gt;|quot;|#39;)/);
          expect(writeNotes(facts, turns, given === undefined)).not.toMatch(/(?<!\\)[<>]/);
        },
      ),
      { numRuns: 500 },
    );
  });
});
