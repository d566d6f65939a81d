import { useState } from 'react';
import { neutralize } from '../../cli/terminal/neutralize.ts';
import { formatDuration } from '../../cli/text/duration.ts';
import type { Trace } from '../../contract/control.ts';
import { type Bar, barsOf, placeOf, ticksOf } from '../axis.ts';
import { useCall, usePage } from '../page.tsx';
import { JobView } from './job.tsx';
import { Button, Empty, Facts, Go, Input, Panel, Problem } from './parts.tsx';

/** What one reference_id caused, from the acceptance to the last attempt. */
export function TraceView() {
  const { state, go } = usePage();
  const { id } = state.address;
  const [text, setText] = useState(id ?? '');
  const open = () => go({ id: text.trim() === '' ? null : text.trim() });
  return (
    <div className="column">
      <form
        className="filters"
        onSubmit={(event) => {
          event.preventDefault();
          open();
        }}
      >
        <Input
          label="reference_id"
          value={text}
          onChange={setText}
          placeholder="from an answer, a webhook or the list"
        />
        <Button onPress={open}>Show</Button>
      </form>
      {id === null ? <Recent /> : <One key={id} id={id} />}
    </div>
  );
}

/** References to choose from: those of the records at hand. */
function Recent() {
  const { state } = usePage();
  const seen = new Map(
    state.log.records
      .filter((one) => one.reference_id !== null && one.direction === 'incoming')
      .map((one) => [one.reference_id!, one]),
  );
  if (seen.size === 0) {
    return (
      <Empty title="No traces yet" command="carvos send candidate.created --wait">
        Each accepted event has a reference_id. Its trace shows the AI job and each attempt that followed.
      </Empty>
    );
  }
  return (
    <Panel title="Recent">
      <ul className="plain links">
        {[...seen].slice(0, 30).map(([reference, record]) => (
          <li key={reference}>
            <Go to={{ id: reference }}>
              <code>{reference}</code> {neutralize(record.event ?? '')}
            </Go>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function One({ id }: { id: string }) {
  const { data: trace, error } = useCall('trace', { params: { id } }, [id, '*']);
  if (error !== null) {
    return (
      <Problem
        text={error}
        next="It may be a delivery's id, or from before a reset. The list can search for it."
      />
    );
  }
  if (trace === null) return <p className="dim pad">Reading…</p>;
  const { accepted } = trace;
  return (
    <>
      <Panel
        title={`Trace of ${trace.reference_id}`}
        actions={
          <span className={trace.settled ? 'state delivered' : 'state pending'}>
            {trace.settled ? 'settled' : 'in progress'}
          </span>
        }
      >
        <Facts
          rows={[
            ['event', accepted && neutralize(accepted.event)],
            ['event_id', accepted?.event_id && neutralize(accepted.event_id)],
            ['client', accepted && neutralize(accepted.client_id)],
            ['accepted', accepted && `${accepted.at} by ${accepted.via}`],
          ]}
        />
        <Echoes trace={trace} />
        <Waterfall trace={trace} />
      </Panel>
      <Panel title="AI job">
        <JobView reference={id} />
      </Panel>
    </>
  );
}

/** The chain of echoes that the event is in. */
function Echoes({ trace: { echoes, reference_id } }: { trace: Trace }) {
  if (echoes === undefined) return null;
  return (
    <>
      <p>The same data came back from the ATS {echoes.at(-1)!.depth} times:</p>
      <ol className="plain links" start={0}>
        {echoes.map((echo) => (
          <li key={echo.reference_id}>
            <Go to={{ id: echo.reference_id }}>
              echo {echo.depth} <code>{echo.reference_id}</code> {neutralize(echo.event)}
              {echo.reference_id === reference_id && ' (this one)'}
            </Go>
          </li>
        ))}
      </ol>
    </>
  );
}

function Waterfall({ trace }: { trace: Trace }) {
  const bars = barsOf(trace);
  const end = Math.max(10, ...bars.map(({ to }) => to));
  return (
    <figure className="waterfall">
      <figcaption>Production time since the acceptance, logarithmic</figcaption>
      <div className="axis" aria-hidden="true">
        <span style={{ left: '0%' }}>0</span>
        {ticksOf(end).map(({ at, text }) => (
          <span key={text} style={{ left: `${at * 100}%` }}>
            {text}
          </span>
        ))}
      </div>
      <ol>
        {bars.map((bar) => (
          <BarRow key={bar.key} bar={bar} end={end} />
        ))}
      </ol>
    </figure>
  );
}

function BarRow({ bar, end }: { bar: Bar; end: number }) {
  const left = placeOf(bar.from, end) * 100;
  const width = Math.max(0, placeOf(bar.to, end) * 100 - left);
  const tone = bar.good === null ? 'later' : bar.good ? 'good' : 'bad';
  const mark = bar.good === null ? '○' : bar.good ? '✓' : '✗';
  const text = `${mark} ${neutralize(bar.label)}`;
  return (
    <li className={tone}>
      <span className="label">
        {bar.id === null ? text : <Go to={{ place: 'deliveries', id: bar.id }}>{text}</Go>}
        <small>
          {formatDuration(bar.to)} · {bar.note}
        </small>
      </span>
      <span className="track">
        <span className={`span ${bar.kind}`} style={{ left: `${left}%`, width: `max(${width}%, 4px)` }} />
      </span>
    </li>
  );
}
