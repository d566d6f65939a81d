import { useState } from 'react';
import { toBase64 } from '../../cli/text/curl.ts';
import { readable } from '../../cli/text/readable.ts';
import type { DeliveryDetail } from '../../contract/control.ts';
import { replay } from '../acts.ts';
import { usePage } from '../page.tsx';
import { Editor } from './editor.tsx';
import { Button, Dialog, Input, Problem } from './parts.tsx';

/** A replay with another body, or to another place. */
export function ReplayDialog({
  delivery,
  kind,
  onClose,
}: {
  delivery: DeliveryDetail;
  kind: 'edited' | 'to';
  onClose(): void;
}) {
  const page = usePage();
  const [text, setText] = useState(readable(delivery.body));
  const [to, setTo] = useState('');
  const send = () => {
    onClose();
    void replay(
      page,
      delivery.id,
      kind === 'to' ? { to } : { body_base64: toBase64(new TextEncoder().encode(text)) },
    );
  };
  if (kind === 'to') {
    return (
      <Dialog title="Replay to" onClose={onClose}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            send();
          }}
        >
          <Input
            label="URL"
            type="url"
            value={to}
            onChange={setTo}
            placeholder="http://127.0.0.1:3000/webhooks/carvos"
            hint="Signed anew with the outgoing secret of the ATS: send it only to a receiver of yours."
          />
          <Button kind="main" disabled={!URL.canParse(to)} onPress={send}>
            Replay
          </Button>
        </form>
      </Dialog>
    );
  }
  return (
    <Dialog title="Replay edited" onClose={onClose}>
      {delivery.body.truncated || delivery.body.encoding === 'base64' ? (
        <Problem text="This body is no whole text here." next={`Use: carvos replay ${delivery.id} --edit`} />
      ) : (
        <>
          <Editor direction="outgoing" text={text} onChange={setText} />
          <Button kind="main" onPress={send}>
            Sign and replay
          </Button>
        </>
      )}
    </Dialog>
  );
}
