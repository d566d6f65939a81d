import { neutralize } from '../../cli/terminal/neutralize.ts';
import { formatDuration } from '../../cli/text/duration.ts';
import type { Trace } from '../../contract/control.ts';
import { type Bar, barsOf, placeOf, ticksOf } from '../axis.ts';
import { useCall, usePage } from '../page.tsx';
import { JobView } from './exchange.tsx';
import { Ask } from './fields.tsx';
import { Answer, Badge, Empty, Facts, Go, Panel } from './parts.tsx';

/** What one reference_id caused, from the acceptance to the last attempt. */
export function TraceView() {
  const { state, go } = usePage();
  const { id } = state.address;
  return (
    <div className="column">
      <Ask
        key={id}
        label="reference_id"
        placeholder="from an answer, a webhook or the list"
        submit="Show"
        start={id ?? ''}
        onSubmit={(wanted) => go({ id: wanted })}
      />
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
      .map((one) => [one.reference_id!, one.event ?? '']),
  );
  if (seen.size === 0) {
    return (
      <Empty title="No traces yet" command="send candidate.created --wait">
        Each accepted event has a reference_id. Its trace shows the AI job and each attempt that followed.
      </Empty>
    );
  }
  return (
    <Panel title="Recent">
      <References of={[...seen].slice(0, 30)} />
    </Panel>
  );
}

function References({ of }: { of: readonly (readonly [reference: string, text: string])[] }) {
  return (
    <ul className="plain links">
      {of.map(([reference, text]) => (
        <li key={reference}>
          <Go to={{ id: reference }}>
            <code>{reference}</code> {neutralize(text)}
          </Go>
        </li>
      ))}
    </ul>
  );
}

function One({ id }: { id: string }) {
  return (
    <Answer
      of={useCall('trace', { params: { id } }, [id])}
      next="It may be a delivery's id, or from before a reset. The list can search for it."
    >
      {(trace) => (
        <>
          <Panel
            title={`Trace of ${trace.reference_id}`}
            actions={<Badge state={trace.settled ? 'settled' : 'pending'} />}
          >
            {trace.accepted && (
              <Facts
                rows={{
                  event: trace.accepted.event,
                  event_id: trace.accepted.event_id,
                  client: trace.accepted.client_id,
                  accepted: `${trace.accepted.at} by ${trace.accepted.via}`,
                }}
              />
            )}
            <Echoes trace={trace} />
            <Waterfall trace={trace} />
          </Panel>
          <Panel title="AI job">
            <JobView reference={id} />
          </Panel>
        </>
      )}
    </Answer>
  );
}

/** The chain of echoes that the event is in. */
function Echoes({ trace: { echoes, reference_id: own } }: { trace: Trace }) {
  if (echoes === undefined) return null;
  const chain = echoes.map(({ reference_id, event, depth }) => {
    const text = `echo ${depth} ${event}${reference_id === own ? ' (this one)' : ''}`;
    return [reference_id, text] as const;
  });
  const times = echoes.at(-1)!.depth;
  return (
    <>
      <p>The same data came back from the ATS {times === 1 ? 'once' : `${times} times`}:</p>
      <References of={chain} />
    </>
  );
}

function Waterfall({ trace }: { trace: Trace }) {
  const bars = barsOf(trace);
  // A little beyond the last, so that it is seen whole.
  const end = 1.5 * Math.max(10, ...bars.map(({ to }) => to));
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

const MARKS = { good: '✓', bad: '✗', later: '○' };

function BarRow({ bar, end }: { bar: Bar; end: number }) {
  const left = placeOf(bar.from, end) * 100;
  const width = Math.max(0, placeOf(bar.to, end) * 100 - left);
  const text = `${MARKS[bar.tone]} ${neutralize(bar.label)}`;
  return (
    <li className={bar.tone}>
      <span className="label">
        {bar.id === undefined ? text : <Go to={{ place: 'deliveries', id: bar.id }}>{text}</Go>}
        <small>
          {formatDuration(bar.to)} · {bar.note}
        </small>
      </span>
      <span className="track">
        <span className="span" style={{ left: `${left}%`, width: `max(${width}%, 4px)` }} />
      </span>
    </li>
  );
}
