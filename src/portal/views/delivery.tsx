import { neutralize } from '../../cli/terminal/neutralize.ts';
import { formatDuration } from '../../cli/text/duration.ts';
import type { DeliveryDetail, LogRecordDetail } from '../../contract/control.ts';
import { copyCurl, newest, replay } from '../acts.ts';
import { useCall, usePage } from '../page.tsx';
import type { State } from '../state.ts';
import { SignatureView } from './diagnosis.tsx';
import { RequestView, ResponseView } from './exchange.tsx';
import { JobView } from './job.tsx';
import { Button, Copy, Empty, Facts, Go, Mark, Problem } from './parts.tsx';
import { ReplayDialog } from './replay.tsx';
import { Timeline } from './timeline.tsx';

export const TABS = ['request', 'response', 'signature', 'AI job'] as const;

/** One delivery with all its attempts. */
export function DeliveryView({ id }: { id: string }) {
  const { go } = usePage();
  const delivery = id.split('/')[0]!;
  const { data, error } = useCall('delivery', { params: { id: delivery } }, [delivery, '*']);
  return (
    <section className="detail" aria-label="Delivery">
      <div className="bar">
        <Button kind="quiet" label="Back to the list" shortcut="Escape" onPress={() => go({ id: null })}>
          ← List
        </Button>
      </div>
      {error !== null && (
        <Problem text={error} next="It may be older than what the log keeps, or from before a reset." />
      )}
      {data !== null && <Detail delivery={data} id={id} />}
    </section>
  );
}

function Detail({ delivery, id }: { delivery: DeliveryDetail; id: string }) {
  const page = usePage();
  const { go, state, dispatch } = page;
  const { dialog } = state;
  const open = (shown: State['dialog']) => dispatch({ type: 'dialog', dialog: shown });
  const { query } = state.address;
  const tab = TABS.find((one) => one === query.tab) ?? 'request';
  const attempt = delivery.attempts.find((one) => one.id === id) ?? newest(delivery);
  const outgoing = delivery.direction === 'outgoing';
  const { reference_id: reference } = delivery;
  return (
    <>
      <header className="title">
        <h2>
          {outgoing ? '←' : '→'} {neutralize(delivery.event ?? '(no event)')}
        </h2>
        {attempt && <Mark record={attempt} />}
        {delivery.state !== null && <span className={`state ${delivery.state}`}>{delivery.state}</span>}
      </header>
      <Facts
        rows={[
          ['delivery', <code key="id">{delivery.id}</code>],
          [
            'reference',
            reference && (
              <Go key="ref" to={{ place: 'trace', id: reference }}>
                {reference}
              </Go>
            ),
          ],
          ['event_id', delivery.event_id && neutralize(delivery.event_id)],
          ['client', delivery.client_id && neutralize(delivery.client_id)],
          ['ATS', delivery.ats_id],
          ['took', attempt ? formatDuration(attempt.duration_ms) : null],
        ]}
      />
      <div className="actions">
        {outgoing && (
          <>
            <Button kind="main" shortcut="r" label="Replay" onPress={() => void replay(page, delivery.id)}>
              Replay
            </Button>
            <Button shortcut="e" label="Replay edited" onPress={() => open('edited')}>
              Replay edited…
            </Button>
            <Button shortcut="t" label="Replay to" onPress={() => open('to')}>
              Replay to…
            </Button>
          </>
        )}
        {attempt && (
          <Button shortcut="y" label="Copy as curl" onPress={() => copyCurl(page, attempt)}>
            Copy as curl
          </Button>
        )}
        <Copy text={delivery.id} what="id">
          Copy id
        </Copy>
      </div>
      <Timeline delivery={delivery} chosen={attempt?.id} />
      <div className="tabs" role="tablist" aria-label="What to look at">
        {TABS.map((one) => (
          <button
            key={one}
            type="button"
            role="tab"
            aria-selected={one === tab}
            onClick={() => go({ query: { ...query, tab: one === 'request' ? '' : one } })}
          >
            {one}
          </button>
        ))}
      </div>
      <div role="tabpanel" aria-label={tab} className="tabpanel">
        {attempt ? (
          <Tab tab={tab} attempt={attempt} />
        ) : (
          <Empty title="No attempt yet">It is due when the clock says so.</Empty>
        )}
      </div>
      {outgoing && dialog !== null && (
        <ReplayDialog delivery={delivery} kind={dialog} onClose={() => open(null)} />
      )}
    </>
  );
}

function Tab({ tab, attempt }: { tab: (typeof TABS)[number]; attempt: LogRecordDetail }) {
  if (tab === 'request') return <RequestView attempt={attempt} />;
  if (tab === 'response') return <ResponseView attempt={attempt} />;
  if (tab === 'signature') return <SignatureView key={attempt.id} attempt={attempt} />;
  return <JobView reference={attempt.reference_id} />;
}
