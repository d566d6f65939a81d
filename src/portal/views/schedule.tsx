import { useState } from 'react';
import { neutralize } from '../../cli/terminal/neutralize.ts';
import { formatCountdown } from '../../cli/text/countdown.ts';
import { readDuration } from '../../cli/text/duration.ts';
import { describeFault } from '../../cli/text/fault.ts';
import { describeClock } from '../../cli/text/times.ts';
import type { FaultView } from '../../contract/fault-view.ts';
import {
  actsAt,
  FAULT_KINDS,
  FAULT_POINTS,
  FAULTS,
  type FaultKind,
  type FaultPoint,
} from '../../contract/faults.ts';
import { moveClock } from '../acts.ts';
import { useCall, usePage } from '../page.tsx';
import { Answer, Button, Empty, Fields, Go, Input, Items, Panel, Select } from './parts.tsx';

/** The clock of the retry schedule, and faults on purpose. */
export function Schedule() {
  return (
    <div className="column">
      <Clock />
      <Faults />
    </div>
  );
}

function Clock() {
  const page = usePage();
  const { clock, now } = page.state;
  const [advance, setAdvance] = useState('5m');
  const [speed, setSpeed] = useState('');
  if (clock === null) return <p className="dim pad">Reading…</p>;
  const ms = readDuration(advance);
  const wanted = speed === 'max' || speed === 'manual' ? speed : Number(speed);
  const paused = clock.mode === 'paused';
  const { next } = clock;
  return (
    <Panel title="Clock">
      <p>The clock {describeClock(clock)}.</p>
      {next === null ? (
        <p className="dim">Nothing is due.</p>
      ) : (
        <p>
          Next: <Go to={{ place: 'deliveries', id: next.delivery_id }}>{neutralize(next.event)}</Go>, attempt{' '}
          {next.next_attempt.step}, in {formatCountdown(next.next_attempt, clock, now)}
        </p>
      )}
      <div className="actions">
        <Button
          text={paused ? 'Resume' : 'Pause'}
          shortcut="Space"
          onPress={() => moveClock(page, paused ? 'clockResume' : 'clockPause', {})}
        />
        <Button
          text="Next attempt"
          kind="main"
          shortcut="n"
          onPress={() => moveClock(page, 'clockNext', {})}
        />
        <Button text="Until nothing is due" onPress={() => moveClock(page, 'clockDrain', {})} />
      </div>
      <Fields
        submit="Advance"
        ready={ms !== null}
        onSubmit={() => moveClock(page, 'clockAdvance', { body: { ms: ms! } })}
      >
        <Input label="Advance by" value={advance} onChange={setAdvance} placeholder="2h36m" />
      </Fields>
      <Fields
        submit="Set speed"
        ready={typeof wanted === 'string' || wanted > 0}
        onSubmit={() => moveClock(page, 'clockSpeed', { body: { speed: wanted } })}
      >
        <Input label="Speed" value={speed} onChange={setSpeed} placeholder="60, max or manual" />
      </Fields>
    </Panel>
  );
}

function Faults() {
  const none = (
    <Empty title="No faults" command="carvos fault add status-503 --first 2">
      A fault makes a delivery, an answer to your ATS or the AI fail on purpose.
    </Empty>
  );
  return (
    <Panel title="Faults">
      <Answer of={useCall('faults', {})}>
        {({ items }) => (
          <Items of={items} empty={none}>
            {(fault) => <Fault key={fault.id} fault={fault} />}
          </Items>
        )}
      </Answer>
      <AddFault />
    </Panel>
  );
}

function Fault({ fault }: { fault: FaultView }) {
  const page = usePage();
  const { id, applied_count, remaining, origin } = fault;
  const clear = () =>
    page.run('clearing…', async () => {
      await page.call('clearFault', { params: { id } });
      return `${id} is cleared`;
    });
  return (
    <li>
      <span>
        <code>{id}</code> {neutralize(describeFault(fault))}
        <small>
          applied {applied_count} {applied_count === 1 ? 'time' : 'times'}
          {remaining !== null && `, ${remaining} to go`}
        </small>
      </span>
      {origin === 'control' ? (
        <Button text="Clear" label={`Clear ${id}`} onPress={() => clear()} />
      ) : (
        <small>in the config file</small>
      )}
    </li>
  );
}

const WHERE: Record<FaultPoint, string> = {
  delivery: 'deliveries to your receiver',
  ingress: 'answers to your ATS',
  ai: 'the AI',
};

function AddFault() {
  const page = usePage();
  const [on, setOn] = useState<FaultPoint>('delivery');
  const [wanted, setWanted] = useState<FaultKind>('status-503');
  const [first, setFirst] = useState('2');
  const kinds = FAULT_KINDS.filter((one) => actsAt(one, on));
  const kind = kinds.includes(wanted) ? wanted : kinds[0]!;
  const count = Number(first);
  const add = () =>
    page.run('adding…', async () => {
      const rule = { kind, on, ...(first === '' ? {} : { first: count }) };
      return `${describeFault(await page.call('addFault', { body: rule }))} is in force`;
    });
  return (
    <>
      <Fields
        submit="Add fault"
        ready={first === '' || (Number.isInteger(count) && count > 0)}
        onSubmit={add}
      >
        <Select
          label="Where"
          value={on}
          onChange={(value) => setOn(value as FaultPoint)}
          options={FAULT_POINTS.map((one) => [one, WHERE[one]] as const)}
        />
        <Select
          label="Kind"
          value={kind}
          onChange={(value) => setWanted(value as FaultKind)}
          options={kinds}
        />
        <Input label="First attempts" value={first} onChange={setFirst} placeholder="all" />
      </Fields>
      <p className="dim">{FAULTS[kind].what}</p>
    </>
  );
}
