import { useState } from 'react';
import { neutralize } from '../../cli/terminal/neutralize.ts';
import { formatDuration } from '../../cli/text/duration.ts';
import { readable } from '../../cli/text/readable.ts';
import type { CallInput } from '../../contract/control/routes.ts';
import type { DeliveryDetail, LogRecordDetail } from '../../contract/control.ts';
import { bodyOf, copyCurl, copyText, replay } from '../acts.ts';
import { useCall, usePage } from '../page.tsx';
import { Editor } from './editor.tsx';
import { JobView, RequestView, ResponseView, SignatureView } from './exchange.tsx';
import { AskTarget, Tabs } from './fields.tsx';
import { Answer, Badge, Button, Dialog, Empty, Facts, Go, Mark, Problem, typed } from './parts.tsx';
import { Timeline } from './timeline.tsx';

const TABS = {
  request: RequestView,
  response: ResponseView,
  signature: SignatureView,
  'AI job': ({ attempt }: { attempt: LogRecordDetail }) => <JobView reference={attempt.reference_id} />,
};

/** One delivery with all its attempts. */
export function DeliveryView({ id }: { id: string }) {
  const delivery = id.split('/')[0]!;
  return (
    <section className="detail" aria-label="Delivery">
      <Go to={{ id: null }} className="back">
        ← List
      </Go>
      <Answer
        of={useCall('delivery', { params: { id: delivery } }, [delivery])}
        next="It may be older than what the log keeps, or from before a reset."
      >
        {(data) => <Detail delivery={data} id={id} />}
      </Answer>
    </section>
  );
}

function Detail({ delivery, id }: { delivery: DeliveryDetail; id: string }) {
  const page = usePage();
  const { go, state, set } = page;
  const { query } = state.address;
  const names = Object.keys(TABS) as (keyof typeof TABS)[];
  const tab = names.find((one) => one === query.tab) ?? 'request';
  const View = TABS[tab];
  const attempt = delivery.attempts.find((one) => one.id === id) ?? delivery.attempts.at(-1);
  const outgoing = delivery.direction === 'outgoing';
  const { reference_id: reference } = delivery;
  return (
    <>
      <header className="title">
        <h2>
          {outgoing ? '←' : '→'} {neutralize(delivery.event ?? '(no event)')}
        </h2>
        {attempt && <Mark record={attempt} />}
        {delivery.state !== null && <Badge state={delivery.state} />}
      </header>
      <Facts
        rows={{
          delivery: <code>{delivery.id}</code>,
          reference: reference && <Go to={{ place: 'trace', id: reference }}>{reference}</Go>,
          event_id: delivery.event_id,
          client: delivery.client_id,
          ATS: delivery.ats_id,
          took: attempt ? formatDuration(attempt.duration_ms) : null,
        }}
      />
      <div className="actions">
        {outgoing && (
          <>
            <Button text="Replay" kind="main" shortcut="r" onPress={() => replay(page, delivery.id)} />
            <Button text="Replay edited…" shortcut="e" onPress={() => set({ dialog: 'edited' })} />
            <Button text="Replay to…" shortcut="t" onPress={() => set({ dialog: 'to' })} />
          </>
        )}
        {attempt && <Button text="Copy as curl" shortcut="y" onPress={() => copyCurl(page, attempt)} />}
        <Button text="Copy id" kind="quiet" onPress={() => copyText(page, 'id', delivery.id)} />
      </div>
      <Timeline delivery={delivery} chosen={attempt?.id} />
      <Tabs
        label="What to look at"
        options={names}
        chosen={tab}
        onChoose={(one) => go({ query: { ...query, tab: one } })}
      >
        {attempt ? (
          <View key={attempt.id} attempt={attempt} />
        ) : (
          <Empty title="No attempt yet" command="clock next">
            It is due when the clock says so.
          </Empty>
        )}
      </Tabs>
      {outgoing && state.dialog !== null && state.dialog !== 'keys' && (
        // One for each kind: the browser may tell that one was closed when the other is asked for already.
        <ReplayDialog
          key={state.dialog}
          delivery={delivery}
          kind={state.dialog}
          onClose={() => set({ dialog: null })}
        />
      )}
    </>
  );
}

interface ReplayProps {
  delivery: DeliveryDetail;
  kind: 'edited' | 'to';
  onClose(): void;
}

/** A replay with another body, or to another place. */
function ReplayDialog({ delivery, kind, onClose }: ReplayProps) {
  const page = usePage();
  const [text, setText] = useState(readable(delivery.body));
  const send = (body: CallInput<'replay'>['body']) => {
    onClose();
    void replay(page, delivery.id, body);
  };
  if (kind === 'to') {
    return (
      <Dialog title="Replay to" onClose={onClose}>
        <AskTarget label="URL" submit="Replay" onSubmit={(to) => send({ to })} />
        <p className="dim">
          Signed anew with the outgoing secret of the ATS: send it only to a receiver of yours.
        </p>
      </Dialog>
    );
  }
  return (
    <Dialog title="Replay edited" onClose={onClose}>
      {delivery.body.truncated || delivery.body.encoding === 'base64' ? (
        <Problem
          text="This body is no whole text here."
          next={`Use: ${typed(`replay ${delivery.id} --edit`)}`}
        />
      ) : (
        <>
          <Editor direction="outgoing" text={text} onChange={setText} />
          <Button text="Sign and replay" kind="main" onPress={() => send(bodyOf(text))} />
        </>
      )}
    </Dialog>
  );
}
