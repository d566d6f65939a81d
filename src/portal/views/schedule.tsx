import { useState } from 'react';
import { neutralize } from '../../cli/terminal/neutralize.ts';
import { formatCountdown } from '../../cli/text/countdown.ts';
import { DURATION_FORMS, readDuration } from '../../cli/text/duration.ts';
import { describeFault } from '../../cli/text/fault.ts';
import { describeClock } from '../../cli/text/times.ts';
import type { FaultView } from '../../contract/fault-view.ts';
import { actsAt, FAULT_KINDS, FAULTS, type FaultKind, type FaultPoint } from '../../contract/faults.ts';
import { moveClock } from '../acts.ts';
import { useCall, usePage } from '../page.tsx';
import { Ask, Select } from './fields.tsx';
import { Answer, Button, Empty, Go, Items, Panel } from './parts.tsx';

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
  if (clock === null) return <p className="dim pad">Reading…</p>;
  const { next, mode } = clock;
  const turn = mode === 'paused' ? 'Resume' : 'Pause';
  const move = (name: 'clockPause' | 'clockResume' | 'clockNext' | 'clockDrain') => moveClock(page, name, {});
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
        <Button text={turn} shortcut="Space" onPress={() => move(`clock${turn}`)} />
        <Button text="Next attempt" kind="main" shortcut="n" onPress={() => move('clockNext')} />
        <Button text="Until nothing is due" onPress={() => move('clockDrain')} />
      </div>
      <Ask
        label="Advance by"
        start="5m"
        placeholder="2h36m"
        submit="Advance"
        refuse={(text) => (readDuration(text) === null ? DURATION_FORMS : null)}
        onSubmit={(text) => moveClock(page, 'clockAdvance', { body: { ms: readDuration(text)! } })}
      />
      <Ask
        label="Speed"
        placeholder="60, max or manual"
        submit="Set speed"
        refuse={(text) =>
          typeof readSpeed(text) === 'string' || Number(text) > 0
            ? null
            : 'write a number above 0, max or manual'
        }
        onSubmit={(text) => moveClock(page, 'clockSpeed', { body: { speed: readSpeed(text) } })}
      />
    </Panel>
  );
}

function readSpeed(text: string): number | 'max' | 'manual' {
  return text === 'max' || text === 'manual' ? text : Number(text);
}

function Faults() {
  const none = (
    <Empty title="No faults" command="fault add status-503 --first 2">
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
const PLACES = Object.entries(WHERE) as [FaultPoint, string][];

function AddFault() {
  const page = usePage();
  const [on, setOn] = useState<FaultPoint>('delivery');
  const [wanted, setWanted] = useState<FaultKind>('status-503');
  const kinds = FAULT_KINDS.filter((one) => actsAt(one, on));
  const kind = kinds.includes(wanted) ? wanted : kinds[0]!;
  const add = (first: string) =>
    page.run('adding…', async () => {
      const rule = { kind, on, ...(first === '' ? {} : { first: Number(first) }) };
      return `${describeFault(await page.call('addFault', { body: rule }))} is in force`;
    });
  return (
    <>
      <Ask
        label="First attempts"
        start="2"
        placeholder="all"
        submit="Add fault"
        refuse={(text) =>
          /^([1-9]\d*)?$/.test(text) ? null : 'write a whole number above 0, or nothing for all'
        }
        onSubmit={add}
      >
        <Select label="Where" value={on} onChange={setOn} options={PLACES} />
        <Select label="Kind" value={kind} onChange={setWanted} options={kinds} />
      </Ask>
      <p className="dim">{FAULTS[kind].what}</p>
    </>
  );
}
