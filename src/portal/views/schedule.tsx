import { useState } from 'react';
import { neutralize } from '../../cli/terminal/neutralize.ts';
import { formatCountdown } from '../../cli/text/countdown.ts';
import { readDuration } from '../../cli/text/duration.ts';
import { describeFault } from '../../cli/text/fault.ts';
import { describeClock } from '../../cli/text/times.ts';
import {
  actsAt,
  FAULT_KINDS,
  FAULT_POINTS,
  FAULTS,
  type FaultKind,
  type FaultPoint,
} from '../../contract/faults.ts';
import { moveClock, useCall, usePage } from '../page.tsx';
import { Button, Empty, Go, Input, Panel, Problem, Select } from './parts.tsx';

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
        {clock.mode === 'paused' ? (
          <Button shortcut="Space" label="Resume" onPress={() => void moveClock(page, 'clockResume')}>
            Resume
          </Button>
        ) : (
          <Button shortcut="Space" label="Pause" onPress={() => void moveClock(page, 'clockPause')}>
            Pause
          </Button>
        )}
        <Button
          kind="main"
          shortcut="n"
          label="Next attempt"
          onPress={() => void moveClock(page, 'clockNext')}
        >
          Next attempt
        </Button>
        <Button onPress={() => void moveClock(page, 'clockDrain')}>Until nothing is due</Button>
      </div>
      <form className="filters" onSubmit={(event) => event.preventDefault()}>
        <Input label="Advance by" value={advance} onChange={setAdvance} placeholder="2h36m" />
        <Button disabled={ms === null} onPress={() => void moveClock(page, { ms: ms! })}>
          Advance
        </Button>
        <Input label="Speed" value={speed} onChange={setSpeed} placeholder="60, max or manual" />
        <Button
          disabled={typeof wanted === 'number' && !(wanted > 0)}
          onPress={() => void moveClock(page, { speed: wanted })}
        >
          Set speed
        </Button>
      </form>
    </Panel>
  );
}

function Faults() {
  const page = usePage();
  const { data, error } = useCall('faults', {});
  const [on, setOn] = useState<FaultPoint>('delivery');
  const [kind, setKind] = useState<FaultKind>('status-503');
  const [first, setFirst] = useState('2');
  const kinds = FAULT_KINDS.filter((one) => actsAt(one, on));
  const chosen = kinds.includes(kind) ? kind : kinds[0]!;
  const count = Number(first);
  const add = () =>
    page.run('adding…', async () => {
      const rule = { kind: chosen, on, ...(first === '' ? {} : { first: count }) };
      return `${describeFault(await page.call('addFault', { body: rule }))} is in force`;
    });
  const clear = (id: string) =>
    page.run('clearing…', async () => {
      await page.call('clearFault', { params: { id } });
      return `${id} is cleared`;
    });
  return (
    <Panel title="Faults">
      {error !== null && <Problem text={error} />}
      {data !== null && data.items.length === 0 && (
        <Empty title="No faults" command="carvos fault add status-503 --first 2">
          A fault makes a delivery, an answer to your ATS or the AI fail on purpose.
        </Empty>
      )}
      {data !== null && data.items.length > 0 && (
        <ul className="plain cards">
          {data.items.map((fault) => (
            <li key={fault.id}>
              <span>
                <code>{fault.id}</code> {neutralize(describeFault(fault))}
                <small>
                  applied {fault.applied_count} {fault.applied_count === 1 ? 'time' : 'times'}
                  {fault.remaining !== null && `, ${fault.remaining} to go`}
                </small>
              </span>
              {fault.origin === 'control' ? (
                <Button label={`Clear ${fault.id}`} onPress={() => void clear(fault.id)}>
                  Clear
                </Button>
              ) : (
                <small>in the config file</small>
              )}
            </li>
          ))}
        </ul>
      )}
      <form className="filters" onSubmit={(event) => event.preventDefault()}>
        <Select
          label="Where"
          value={on}
          onChange={(value) => setOn(value as FaultPoint)}
          options={FAULT_POINTS.map((one) => [one, WHERE[one]] as const)}
        />
        <Select
          label="Kind"
          value={chosen}
          onChange={(value) => setKind(value as FaultKind)}
          options={kinds.map((one) => [one, one] as const)}
        />
        <Input label="First attempts" value={first} onChange={setFirst} placeholder="all" />
        <Button disabled={first !== '' && !(Number.isInteger(count) && count > 0)} onPress={() => void add()}>
          Add fault
        </Button>
      </form>
      <p className="dim">{FAULTS[chosen].what}</p>
    </Panel>
  );
}

const WHERE: Record<FaultPoint, string> = {
  delivery: 'deliveries to your receiver',
  ingress: 'answers to your ATS',
  ai: 'the AI',
};
