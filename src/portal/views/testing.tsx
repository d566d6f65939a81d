import { useState } from 'react';
import { toBase64 } from '../../cli/text/curl.ts';
import { formatDuration } from '../../cli/text/duration.ts';
import type { AtsView, WorkspaceView } from '../../contract/control.ts';
import { type EventDirection, INCOMING_EVENTS, OUTGOING_EVENTS } from '../../contract/event-names.ts';
import { TEST_HEADER } from '../../contract/outgoing-headers.ts';
import type { TestEventResult } from '../../contract/portal.ts';
import { useCall, usePage } from '../page.tsx';
import { sampleOf } from '../sample.ts';
import { SignatureView } from './diagnosis.tsx';
import { Editor } from './editor.tsx';
import { ResponseView } from './exchange.tsx';
import { Button, Empty, Go, Mark, Panel, Problem, Select } from './parts.tsx';

/** Webhook testing: an event to your receiver, or one as your ATS would send it. */
export function Testing() {
  const { state, go } = usePage();
  const { query } = state.address;
  const way: EventDirection = query.way === 'incoming' ? 'incoming' : 'outgoing';
  const { data: status } = useCall('status', {});
  const { data: workspaces } = useCall('workspaces', {});
  const names: readonly string[] = way === 'incoming' ? INCOMING_EVENTS : OUTGOING_EVENTS;
  const event = names.find((one) => one === query.event) ?? names[0]!;
  const set = (change: Record<string, string>) => go({ query: { ...query, ...change } });
  if (status === null || workspaces === null) return <p className="dim pad">Reading…</p>;
  const ats = status.ats.find(({ id }) => id === query.ats) ?? status.ats[0];
  if (ats === undefined) return <Empty title="There is no ATS" command="carvos init" />;
  return (
    <div className="column">
      <div className="tabs" role="tablist" aria-label="Direction">
        {(['outgoing', 'incoming'] as const).map((one) => (
          <button
            key={one}
            type="button"
            role="tab"
            aria-selected={one === way}
            onClick={() => set({ way: one, event: '' })}
          >
            {one === 'outgoing' ? '← to your receiver' : '→ as your ATS'}
          </button>
        ))}
      </div>
      <div role="tabpanel" aria-label={way} className="tabpanel column">
        <div className="filters">
          {status.ats.length > 1 && (
            <Select
              label="ATS"
              value={ats.id}
              onChange={(id) => set({ ats: id })}
              options={status.ats.map(({ id, name }) => [id, name] as const)}
            />
          )}
          <Select
            label="Event"
            value={event}
            onChange={(one) => set({ event: one })}
            options={names.map((one) => [one, one] as const)}
          />
        </div>
        <Draft
          key={`${way} ${event} ${ats.id}`}
          way={way}
          event={event}
          ats={ats}
          workspace={workspaces.items.find((one) => one.ats_id === ats.id)}
        />
      </div>
    </div>
  );
}

function Draft({
  way,
  event,
  ats,
  workspace,
}: {
  way: EventDirection;
  event: string;
  ats: AtsView;
  workspace: WorkspaceView | undefined;
}) {
  const page = usePage();
  const fresh = () => sampleOf(way, event, workspace);
  const [text, setText] = useState(fresh);
  const [result, setResult] = useState<TestEventResult | null>(null);
  const [reference, setReference] = useState<string | null>(null);
  const outgoing = way === 'outgoing';
  const send = () =>
    page.run(`sending ${event}…`, async () => {
      const body = { body_base64: toBase64(new TextEncoder().encode(text)) };
      const params = { id: ats.id };
      setResult(null);
      setReference(null);
      if (outgoing) {
        const sent = await page.call('sendTestEvent', { params, body });
        setResult(sent);
        return `sent as ${sent.delivery.id}`;
      }
      const accepted = await page.call('sendEvent', { params, body });
      setReference(accepted.reference_id);
      return accepted.duplicate ? 'this event_id was known: nothing is processed again' : 'accepted';
    });
  return (
    <>
      <Panel
        title="Body"
        actions={
          <>
            <Button kind="quiet" onPress={() => setText(fresh())}>
              Fresh sample
            </Button>
            <Button kind="main" onPress={() => void send()} disabled={outgoing && ats.webhook_url === null}>
              Send
            </Button>
          </>
        }
      >
        {outgoing && ats.webhook_url === null && (
          <Problem
            text={`${ats.name} has no webhook URL.`}
            next="Set it under Configuration, or with carvos config set webhook-url URL"
          />
        )}
        <p className="dim">
          {outgoing
            ? `Signed with the outgoing secret and sent once to ${ats.webhook_url ?? 'nowhere'}, marked ${TEST_HEADER}: true.`
            : 'Taken as a webhook of this ATS would be, past HTTP and signature. To send a signed one: carvos send.'}
        </p>
        <Editor direction={way} text={text} onChange={setText} />
      </Panel>
      {reference !== null && (
        <Panel title="Accepted">
          <p>
            Follow what it causes: <Go to={{ place: 'trace', id: reference }}>{reference}</Go>
          </p>
        </Panel>
      )}
      {result !== null && <Result result={result} />}
    </>
  );
}

function Result({ result: { delivery, attempt } }: { result: TestEventResult }) {
  return (
    <Panel
      title="Answer"
      actions={
        attempt && (
          <>
            <Mark record={attempt} /> {formatDuration(attempt.duration_ms)}
          </>
        )
      }
    >
      {attempt === null ? <Empty title="No answer within 30 seconds" /> : <ResponseView attempt={attempt} />}
      {attempt !== null && attempt.diagnosis !== null && <SignatureView attempt={attempt} />}
      <p>
        In the log as <Go to={{ place: 'deliveries', id: delivery.id }}>{delivery.id}</Go>
      </p>
    </Panel>
  );
}
