import { describe, expect, it } from 'vitest';
import { INCOMING_EVENTS, OUTGOING_EVENTS } from '../../../src/contract/event-names.ts';
import { eventJsonSchema } from '../../../src/contract/json-schema.ts';
import { runCli } from '../../support/program.ts';

describe('carvos events', () => {
  it('lists every event with its direction', async () => {
    const { code, stdout } = await runCli(['events', '--json']);
    expect(code).toBe(0);
    const { version, events } = JSON.parse(stdout);
    expect(version).toBe(2);
    const names = (direction: string) =>
      events
        .filter((one: { direction: string }) => one.direction === direction)
        .map((one: { event: string }) => one.event);
    expect(names('incoming')).toEqual([...INCOMING_EVENTS]);
    expect(names('outgoing')).toEqual([...OUTGOING_EVENTS]);
    for (const one of events) expect(one.summary).toBeTruthy();
  });

  it('prints a sample that is valid JSON for the event', async () => {
    const { stdout } = await runCli(['events', 'candidate.created', '--direction', 'incoming', '--sample']);
    expect(JSON.parse(stdout)).toMatchObject({ event: 'candidate.created', client_id: expect.any(String) });
  });

  it('asks for the direction where a name exists in both', async () => {
    const { code, stderr } = await runCli(['events', 'candidate.created', '--sample']);
    expect(code).toBe(2);
    expect(stderr).toContain('--direction incoming (ATS → CarvOS) or --direction outgoing (CarvOS → ATS)');
    const both = await runCli(['events', 'candidate.created']);
    expect(both.stdout).toContain('incoming (ATS → CarvOS)');
    expect(both.stdout).toContain('outgoing (CarvOS → ATS)');
  });

  it('suggests the nearest name', async () => {
    const { code, stderr } = await runCli(['events', 'meeting.note_ready']);
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean meeting.notes_ready?');
  });

  it('has the schema of each event under its own name', () => {
    for (const event of INCOMING_EVENTS)
      expect(JSON.stringify(eventJsonSchema('incoming', event))).toContain(`"const":"${event}"`);
    for (const event of OUTGOING_EVENTS)
      expect(JSON.stringify(eventJsonSchema('outgoing', event))).toContain(`"const":"${event}"`);
  });
});
