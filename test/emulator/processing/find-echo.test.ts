import { expect, onTestFinished, test } from 'vitest';
import type { IncomingEventName } from '../../../src/contract/event-names.ts';
import { mergePatch } from '../../../src/emulator/processing/apply-event.ts';
import { findEcho } from '../../../src/emulator/processing/find-echo.ts';
import { eventOf } from '../../../src/emulator/processing/source-event.ts';
import { insertDelivery } from '../../../src/emulator/store/deliveries.ts';
import { putEntity } from '../../../src/emulator/store/entities.ts';
import { getEvent, insertEvent } from '../../../src/emulator/store/events.ts';
import { finishJob } from '../../../src/emulator/store/jobs.ts';
import { insertLog, newLogRow } from '../../../src/emulator/store/log.ts';
import { openStore } from '../../../src/emulator/store/open-store.ts';
import type { Store } from '../../../src/emulator/store/store.ts';
import { createRandom } from '../../support/random.ts';

type Data = Record<string, unknown>;
type Random = (below: number) => number;

/** The same history for the same seed. */
function randomOf(seed: number): Random {
  const random = createRandom(seed);
  return (below) => Math.floor(random() * below);
}

/** A gateway of one candidate, whose jobs and deliveries happen when a history says so. */
function startGateway(store: Store, candidate: string, ai: (data: Data) => Data) {
  let time = 0;
  let data: Data = {};
  const jobs: number[] = [];
  const pending: { id: string; data: Data }[] = [];
  const depths: number[] = [];
  return {
    depths,
    jobs,
    pending,
    accept(event: IncomingEventName, fields: Data): void {
      const body = Buffer.from(JSON.stringify({ event, candidate_id: candidate, ...fields }));
      const row = {
        ats_id: 'a',
        client_id: 'c',
        user_id: null,
        event,
        event_id: null,
        via: 'webhook' as const,
      };
      const key = `${candidate}-${++time}`;
      const rest = { target_id: null, body, body_hash: Buffer.from(key), received_at: time };
      jobs.push(insertEvent(store, { ...row, reference_id: key, ...rest }, null));
    },
    runJob(): void {
      const source = getEvent(store, jobs.shift()!)!;
      time++;
      const event = eventOf(source);
      const action = source.event === 'candidate.created' ? 'created' : 'updated';
      const refs = { kind: 'candidate', id: candidate, action } as const;
      const echo = findEcho({ store, facts: () => undefined }, source, event, refs);
      depths.push(echo?.depth ?? 0);
      data = mergePatch(action === 'created' ? {} : data, event.payload) as Data;
      putEntity(store, 'a', 'c', 'candidate', candidate, JSON.stringify(data), source.seq, time);
      const times = { startedAt: time, finishedAt: time };
      finishJob(store, source.seq, {
        state: 'done',
        ...times,
        error: null,
        applied: true,
        attempts: [],
        echo,
      });
      const outgoing = ai(data);
      const { reference_id } = source;
      insertDelivery(store, {
        ...{ id: reference_id, ats_id: 'a', client_id: 'c', reference_id, event: source.event, lane: 'a' },
        ...{ event_id: reference_id, max_steps: 5, due: 0, test: false, replay_of: null, target_url: null },
        ...{ fixed_signature: null, created_at: time },
        body: Buffer.from(JSON.stringify({ status: 'success', data: outgoing })),
      });
      pending.push({ id: reference_id, data: outgoing });
    },
    /** @returns what the receiver got, also where its answer was a failure: then it comes again. */
    deliver(index: number, fails: boolean): Data {
      const [{ id, data: outgoing } = { id: '', data: {} }] = fails
        ? [pending[index]!]
        : pending.splice(index, 1);
      const outcome = fails ? 'failure' : 'success';
      const [delivery_id, direction, number] = [id, 'outgoing' as const, ++time];
      insertLog(store, newLogRow({ delivery_id, direction, number, outcome, occurred_at: time }));
      return outgoing;
    },
  };
}

const HISTORIES = 200;
const FIELDS = ['first_name', 'phone', 'headline'];
/** Few, so that an edit often comes back to a value that was there before. */
const VALUES = ['1', '2', '3'];

/** What the AI adds and tidies, without contradicting itself. */
const AIS: readonly ((data: Data) => Data)[] = [
  (data) => data,
  (data) => ({ ...data, full_name: `${data.first_name} Smith` }),
  (data) => ({ ...data, phone: data.phone === '3' ? '2' : data.phone, skills: ['a'] }),
];

function openMemory(): Store {
  const store = openStore(':memory:');
  onTestFinished(() => store.close());
  return store;
}

interface Ats {
  /** What it does with a delivery, beside nothing. */
  onDelivery(data: Data, send: (fields: Data) => void): void;
  /** A user changes something; `false` where no user is at work. */
  edit?(random: Random, send: (fields: Data) => void): void;
}

/** A history in a random order: edits, jobs, deliveries that fail, come late or overtake each other. */
function play(store: Store, seed: number, ats: Ats, first: Data): number[] {
  const random = randomOf(seed);
  const gateway = startGateway(store, `cand-${seed}`, AIS[random(AIS.length)]!);
  const send = (fields: Data) => gateway.accept('candidate.updated', fields);
  gateway.accept('candidate.created', first);
  for (let step = 0; step < 60; step++) {
    const what = random(3);
    if (what === 0 && ats.edit) ats.edit(random, send);
    else if (gateway.jobs.length > 0 && what !== 2) gateway.runJob();
    else if (gateway.pending.length > 0) {
      const index = random(4) === 0 ? random(gateway.pending.length) : 0;
      ats.onDelivery(gateway.deliver(index, random(4) === 0), send);
    }
  }
  while (gateway.jobs.length > 0) gateway.runJob();
  return gateway.depths;
}

/** A user changes one or two values to others; the ATS sends them, or its whole record. */
function createEditor(stores: boolean): { ats: Ats; record: Data } {
  const record: Data = { first_name: '1', phone: '1', headline: '1' };
  const ats: Ats = {
    onDelivery: (data) => void (stores && Object.assign(record, data)),
    edit(random, send) {
      const changed: Data = {};
      for (let left = 1 + random(2); left > 0; left--) {
        const field = FIELDS[random(FIELDS.length)]!;
        const others = VALUES.filter((value) => value !== record[field]);
        changed[field] = others[random(others.length)]!;
      }
      Object.assign(record, changed);
      send(random(2) === 0 ? changed : { ...record });
    },
  };
  return { ats, record };
}

/** Plays all histories on one store; an ATS of its own in each. */
function playAll(make: () => { ats: Ats; record: Data }): number[][] {
  const store = openMemory();
  return store.db.transaction(() =>
    Array.from({ length: HISTORIES }, (_, index) => {
      const { ats, record } = make();
      return play(store, index + 1, ats, { ...record });
    }),
  )();
}

const accused = (histories: number[][]) =>
  histories.flatMap((depths, index) => (Math.max(...depths) >= 2 ? [`seed ${index + 1}: ${depths}`] : []));

test.each([
  ['keeps its own record', false],
  ['takes over what is delivered', true],
])(
  'an ATS whose users edit on purpose and that %s is not accused',
  (_what, stores) => {
    const histories = playAll(() => createEditor(stores));
    expect(accused(histories)).toEqual([]);
    expect(histories.flat().length).toBeGreaterThan(HISTORIES * 5);
  },
  120_000,
);

test('an ATS that compares before it writes is not accused, also while users edit', () => {
  const histories = playAll(() => {
    const { ats, record } = createEditor(false);
    const onDelivery: Ats['onDelivery'] = (data, send) => {
      if (
        Object.entries(data).every(([name, value]) => name === 'candidate_id' || isSame(record[name], value))
      )
        return;
      Object.assign(record, data);
      send({ ...data });
    };
    return { ats: { ...ats, onDelivery }, record };
  });
  expect(accused(histories)).toEqual([]);
}, 120_000);

test('an ATS that echoes is found in every history, each link of the chain', () => {
  const histories = playAll(() => {
    const record = { first_name: '1', phone: '3', headline: '1' };
    let saved = 0;
    const onDelivery: Ats['onDelivery'] = (data, send) => send({ ...data, updated_at: ++saved });
    return { ats: { onDelivery }, record };
  });
  for (const depths of histories) expect(depths).toEqual(depths.map((_, index) => index));
}, 120_000);

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
