import { memo, type UIEvent, useEffect, useRef, useState } from 'react';
import { neutralize } from '../../cli/terminal/neutralize.ts';
import { formatCountdown } from '../../cli/text/countdown.ts';
import { formatDuration } from '../../cli/text/duration.ts';
import { echoText } from '../../cli/text/echo.ts';
import { attemptName, formatLogTime } from '../../cli/text/times.ts';
import type { LogItem } from '../../contract/control.ts';
import { ALL_EVENTS } from '../../contract/event-names.ts';
import { showNewest } from '../keys.ts';
import { usePage } from '../page.tsx';
import { isFiltered, isShown, type State } from '../state.ts';
import { DeliveryView } from './delivery.tsx';
import { Input, Select } from './fields.tsx';
import { Button, Empty, Go, Mark, Problem } from './parts.tsx';

const ROW_HEIGHT = 36;
/** Rows that are drawn, and fetched, beyond those that are seen. */
const AHEAD = 30;

/** Every attempt of both directions, newest first, with the one that is looked at beside it. */
export function Deliveries() {
  const { id } = usePage().state.address;
  return (
    <div className={id === null ? 'split' : 'split open'}>
      <section className="list" aria-label="Deliveries">
        <Filters />
        <List />
      </section>
      {id !== null && <DeliveryView key={id.split('/')[0]} id={id} />}
    </div>
  );
}

function Filters() {
  const { state, go } = usePage();
  const { query } = state.address;
  const filter = (name: string) => ({
    value: query[name] ?? '',
    onChange: (value: string) => go({ query: { ...query, [name]: value } }),
  });
  return (
    <search className="filters">
      <Input label="Search" type="search" placeholder="id, event, status, body …" {...filter('text')} />
      <Select
        label="Direction"
        options={[
          ['', 'both'],
          ['incoming', '→ incoming'],
          ['outgoing', '← outgoing'],
        ]}
        {...filter('direction')}
      />
      <Select
        label="Outcome"
        options={[ANY, 'success', 'failure', 'error', 'interrupted']}
        {...filter('outcome')}
      />
      <Select label="Event" options={[ANY, ...ALL_EVENTS]} {...filter('event')} />
      <Input label="Client" placeholder="any" {...filter('client_id')} />
      {isFiltered(state.address) && (
        <Button text="Clear the filter" kind="quiet" onPress={() => go({ query: {} })} />
      )}
    </search>
  );
}

const ANY = ['', 'any'] as const;

function List() {
  const page = usePage();
  const { state, dispatch, loader } = page;
  const { log, address } = state;
  const frame = useRef<HTMLDivElement>(null);
  const [first, setFirst] = useState(0);
  const [count, setCount] = useState(60);
  const last = Math.min(log.records.length, first + count);
  useEffect(() => {
    // Of a long log a search looks at a part at a time, in which nothing may fit.
    if (log.older !== null && last + AHEAD >= log.records.length) loader.wantOlder();
  }, [last, log.records.length, log.older, loader]);
  const selected = log.records.findIndex((one) => isShown(one, address.id));
  useEffect(() => {
    const box = frame.current;
    if (box === null || selected < 0) return;
    const top = selected * ROW_HEIGHT;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + ROW_HEIGHT > box.scrollTop + box.clientHeight)
      box.scrollTop = top + ROW_HEIGHT - box.clientHeight;
  }, [selected]);
  const onScroll = ({ currentTarget: box }: UIEvent<HTMLDivElement>) => {
    setFirst(Math.max(0, Math.floor(box.scrollTop / ROW_HEIGHT) - AHEAD));
    setCount(Math.ceil(box.clientHeight / ROW_HEIGHT) + 2 * AHEAD);
    dispatch({ type: 'log.follow', following: box.scrollTop < ROW_HEIGHT });
  };

  if (log.error !== null) return <Problem text={`The log cannot be read. ${log.error}`} />;
  if (log.records.length === 0) return <Nothing />;
  return (
    <>
      {log.unseen > 0 && (
        <div className="unseen">
          <Button text={`↑ ${log.unseen} new`} kind="main" onPress={() => showNewest(page)} />
        </div>
      )}
      <div className="rows" ref={frame} onScroll={onScroll}>
        <ul style={{ height: log.records.length * ROW_HEIGHT }}>
          {log.records.slice(first, last).map((record, index) => (
            <li key={record.id} style={{ top: (first + index) * ROW_HEIGHT, height: ROW_HEIGHT }}>
              <Row
                record={record}
                current={isShown(record, address.id)}
                next={nextOf(record, state)}
                time={formatLogTime(record.occurred_at, state.now)}
              />
            </li>
          ))}
        </ul>
      </div>
    </>
  );
}

function nextOf({ next_attempt, delivery_state, echo_depth, reference_id }: LogItem, state: State) {
  if (next_attempt) return formatCountdown(next_attempt, state.clock, state.now);
  if (delivery_state === 'exhausted') return 'exhausted';
  return echoText({ echo_depth: echo_depth ?? state.echoes.get(reference_id ?? '') });
}

interface RowProps {
  record: LogItem;
  current: boolean;
  next: string;
  time: string;
}

/** Drawn again when it changes, and not with every record that arrives. */
const Row = memo(function Row({ record, current, next, time }: RowProps) {
  const incoming = record.direction === 'incoming';
  return (
    <Go to={{ id: record.id }} className={current ? 'row current' : 'row'}>
      <span className="arrow" title={record.direction}>
        {incoming ? '→' : '←'}
        <span className="hidden">{record.direction}</span>
      </span>
      <span className="event">
        {neutralize(record.event ?? '(no event)')}
        {record.test && <small> test</small>}
      </span>
      <Mark record={record} />
      <span className="try">{incoming ? '' : attemptName(record)}</span>
      <span className="due">{next}</span>
      <span className="client">{neutralize(record.client_id ?? '')}</span>
      <span className="took">{formatDuration(record.duration_ms)}</span>
      <time dateTime={record.occurred_at}>{time}</time>
    </Go>
  );
});

function Nothing() {
  const { address, log } = usePage().state;
  if (log.loading || log.older !== null) return <p className="dim pad">Reading the log…</p>;
  if (isFiltered(address)) return <Empty title="Nothing fits the filter" />;
  return (
    <Empty title="No deliveries yet" command="send candidate.created">
      Send an event as your ATS does, here under <Go to={{ place: 'testing' }}>Testing</Go> or with
    </Empty>
  );
}
