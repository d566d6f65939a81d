import { describe, expect, it } from 'vitest';
import { OUTGOING_EVENTS } from '../../src/contract/event-names.ts';
import { buildOutgoing, OutgoingEvent } from '../../src/contract/outgoing.ts';
import { incomingSample, outgoingSample } from '../../src/contract/samples.ts';

const KEYS = ['event', 'event_id', 'reference_id', 'client_id', 'timestamp', 'status', 'error', 'data'];

describe('buildOutgoing', () => {
  const parts = {
    data: { z: 1 },
    timestamp: new Date('2026-01-15T10:28:00.987Z'),
    client_id: 'acme-corp',
    reference_id: 'ref',
    event_id: 'evt_1',
    event: 'meeting.summary_ready',
  } as const;

  it('writes the keys in the documented order and the time as documented', () => {
    expect(JSON.stringify(buildOutgoing(parts))).toBe(
      '{"event":"meeting.summary_ready","event_id":"evt_1","reference_id":"ref","client_id":"acme-corp",' +
        '"timestamp":"2026-01-15T10:28:00Z","status":"success","error":null,"data":{"z":1}}',
    );
  });

  it('fails when there is an error', () => {
    const failed = buildOutgoing({ ...parts, error: { code: 'ai_failed', message: 'No.' }, data: undefined });
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'ai_failed' }, data: {} });
    expect(OutgoingEvent.safeParse(failed).success).toBe(true);
  });
});

describe('OutgoingEvent', () => {
  it.each(OUTGOING_EVENTS)('accepts the sample of %s', (event) => {
    const sample = outgoingSample(event);
    expect(Object.keys(sample)).toEqual(KEYS);
    expect(OutgoingEvent.parse(sample)).toEqual(sample);
  });

  it.each(OUTGOING_EVENTS)('refuses %s without its data', (event) => {
    expect(OutgoingEvent.safeParse({ ...outgoingSample(event), data: {} }).success).toBe(false);
  });

  it('refuses a success with an error, a failure without one, and a wrong score', () => {
    const sample = outgoingSample('application.created');
    expect(OutgoingEvent.safeParse({ ...sample, error: { code: 'a', message: 'b' } }).success).toBe(false);
    expect(OutgoingEvent.safeParse({ ...sample, status: 'failed' }).success).toBe(false);
    expect(OutgoingEvent.safeParse({ ...sample, data: { ...sample.data, score: 101 } }).success).toBe(false);
    expect(OutgoingEvent.safeParse({ ...sample, data: { ...sample.data, score: null } }).success).toBe(true);
  });

  it('does not insist on a UUID as reference_id', () => {
    expect(
      OutgoingEvent.safeParse({ ...outgoingSample('candidate.created'), reference_id: 'anything' }).success,
    ).toBe(true);
  });
});

describe('samples', () => {
  it('are fresh copies', () => {
    const one = incomingSample('candidate.created');
    (one.skills as string[]).push('changed');
    one.first_name = 'Changed';
    expect(incomingSample('candidate.created').first_name).not.toBe('Changed');
    expect(incomingSample('candidate.created').skills).not.toContain('changed');
  });

  it('agree on the ids', () => {
    const ids = { candidate_id: 'cand-1001', vacancy_id: 'vac-2001', application_id: 'app-3001' };
    expect(incomingSample('application.created')).toMatchObject(ids);
    expect(outgoingSample('application.created').data).toMatchObject(ids);
    for (const event of [
      'meeting.transcript_ready',
      'meeting.summary_ready',
      'meeting.notes_ready',
    ] as const) {
      expect(outgoingSample(event).data).toMatchObject({ ...ids, meeting_id: 'mtg-4001' });
    }
  });

  it('have the documented formats of meetings', () => {
    expect(outgoingSample('meeting.transcript_ready').data.transcript).toMatch(
      /<p><strong>[^<]+:<\/strong> /,
    );
    const { summary } = outgoingSample('meeting.summary_ready').data;
    expect(summary.match(/[.!?](?= |$)/g)).toHaveLength(5);
    expect(summary).not.toMatch(/[<#*]/);
    expect(outgoingSample('meeting.notes_ready').data.notes).toMatch(/^# .*\n\n/);
  });
});
