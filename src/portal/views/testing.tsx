import { type ReactNode, useState } from 'react';
import { freshIncoming, freshOutgoing } from '../../cli/events/samples.ts';
import { formatDuration } from '../../cli/text/duration.ts';
import type { AtsView, WorkspaceView } from '../../contract/control.ts';
import { type EventDirection, INCOMING_EVENTS, OUTGOING_EVENTS } from '../../contract/event-names.ts';
import { TEST_HEADER } from '../../contract/outgoing-headers.ts';
import type { TestEventResult } from '../../contract/portal.ts';
import { bodyOf } from '../acts.ts';
import { useCall, usePage } from '../page.tsx';
import { Editor } from './editor.tsx';
import { ResponseView, SignatureView, Transcript } from './exchange.tsx';
import { Select, Tabs } from './fields.tsx';
import { Answer, Button, Empty, Go, Mark, Panel, Problem, typed } from './parts.tsx';

const WAYS = [
  ['incoming', '→ as your ATS'],
  ['outgoing', '← to your receiver'],
] as const;

/** Webhook testing: an event as your ATS would send it, with which everything begins, or one to your receiver. */
export function Testing() {
  const workspaces = useCall('workspaces', {});
  return (
    <Answer of={useCall('status', {})}>
      {({ ats }) => (
        <Answer of={workspaces}>{({ items }) => <Sending all={ats} workspaces={items} />}</Answer>
      )}
    </Answer>
  );
}

function Sending({ all, workspaces }: { all: readonly AtsView[]; workspaces: readonly WorkspaceView[] }) {
  const { state, go } = usePage();
  const { query } = state.address;
  const way = query.way === 'outgoing' ? 'outgoing' : 'incoming';
  const names: readonly string[] = way === 'incoming' ? INCOMING_EVENTS : OUTGOING_EVENTS;
  const event = names.find((one) => one === query.event) ?? names[0]!;
  const set = (change: Record<string, string>) => go({ query: { ...query, ...change } });
  const ats = all.find(({ id }) => id === query.ats) ?? all[0];
  if (ats === undefined) return <Empty title="There is no ATS" command="init" />;
  return (
    <div className="column">
      <Tabs label="Direction" options={WAYS} chosen={way} onChoose={(one) => set({ way: one, event: '' })}>
        <div className="filters">
          {all.length > 1 && (
            <Select
              label="ATS"
              value={ats.id}
              onChange={(id) => set({ ats: id })}
              options={all.map(({ id, name }) => [id, name] as const)}
            />
          )}
          <Select label="Event" value={event} onChange={(one) => set({ event: one })} options={names} />
        </div>
        <Draft
          key={`${way} ${event} ${ats.id}`}
          way={way}
          event={event}
          ats={ats}
          workspaces={workspaces.filter((one) => one.ats_id === ats.id)}
        />
      </Tabs>
    </div>
  );
}

interface DraftProps {
  way: EventDirection;
  event: string;
  ats: AtsView;
  workspaces: WorkspaceView[];
}

function Draft({ way, event, ats, workspaces }: DraftProps) {
  const page = usePage();
  const outgoing = way === 'outgoing';
  const fresh = () => {
    const sender = {
      workspaces: workspaces.map(({ client_id: clientId, members }) => ({
        clientId,
        members: members.map(({ user_id: userId }) => ({ userId })),
      })),
    };
    return JSON.stringify((outgoing ? freshOutgoing : freshIncoming)(event, sender), null, 2);
  };
  const [text, setText] = useState(fresh);
  const [outcome, setOutcome] = useState<ReactNode>(null);
  const homeless = outgoing && ats.webhook_url === null;
  const send = () =>
    page.run(`sending ${event}…`, async () => {
      const input = { params: { id: ats.id }, body: bodyOf(text) };
      setOutcome(null);
      if (outgoing) {
        const sent = await page.call('sendTestEvent', input);
        setOutcome(<Sent result={sent} />);
        return `sent as ${sent.delivery.id}`;
      }
      const { reference_id: reference, duplicate } = await page.call('sendEvent', input);
      setOutcome(
        <Panel title="Accepted">
          <p>
            Follow what it causes: <Go to={{ place: 'trace', id: reference }}>{reference}</Go>
          </p>
        </Panel>,
      );
      return duplicate ? 'this event_id was known: nothing is processed again' : 'accepted';
    });
  return (
    <>
      {outcome}
      <Panel
        title="Body"
        actions={
          <>
            <Button text="Fresh sample" kind="quiet" onPress={() => setText(fresh())} />
            <Button text="Send" kind="main" onPress={() => send()} disabled={homeless} />
          </>
        }
      >
        {homeless ? (
          <Problem
            text={`${ats.name} has no webhook URL.`}
            next={`Set it under Configuration, or with ${typed('config set webhook-url URL')}`}
          />
        ) : (
          <p className="dim">
            {outgoing
              ? `Signed with the outgoing secret and sent once to ${ats.webhook_url}, marked ${TEST_HEADER}: true.`
              : `Handled like a webhook of this ATS, but without HTTP and signature. To send a signed one: ${typed('send')}.`}
          </p>
        )}
        <Editor direction={way} text={text} onChange={setText} />
        <Transcript text={text} />
      </Panel>
    </>
  );
}

function Sent({ result: { delivery, attempt } }: { result: TestEventResult }) {
  const took = attempt && formatDuration(attempt.duration_ms);
  return (
    <Panel title="Answer" actions={attempt && [<Mark key="mark" record={attempt} />, took]}>
      {attempt ? <ResponseView attempt={attempt} /> : <Empty title="No answer within 30 seconds" />}
      {attempt?.diagnosis && <SignatureView attempt={attempt} />}
      <p>
        In the log as <Go to={{ place: 'deliveries', id: delivery.id }}>{delivery.id}</Go>
      </p>
    </Panel>
  );
}
