import { useState } from 'react';
import { neutralize } from '../../cli/terminal/neutralize.ts';
import type { AtsView, WorkspaceView } from '../../contract/control.ts';
import { useCall, usePage } from '../page.tsx';
import { Assumptions, Audit } from './audit.tsx';
import { Button, Copy, Dialog, Empty, Facts, Input, Panel, Problem } from './parts.tsx';

type Credential = 'api-key' | 'incoming-secret' | 'outgoing-secret';

/** What the portal has of each ATS: webhook URL, workspaces, fingerprints, rotation, and who changed what. */
export function Configuration() {
  const { data: status, error } = useCall('status', {});
  const { data: workspaces } = useCall('workspaces', {});
  if (error !== null) return <Problem text={error} />;
  if (status === null) return <p className="dim pad">Reading…</p>;
  return (
    <div className="column">
      <Panel title="Gateway">
        <Facts
          rows={[
            ['URL', <code key="url">{status.url}</code>],
            ['carvos', status.carvos],
            ['database', <code key="file">{status.database}</code>],
            ['started', status.started_at],
            ['events', status.events],
            [
              'deliveries',
              `${status.deliveries.delivered} delivered, ${status.deliveries.pending} pending, ${status.deliveries.exhausted} exhausted`,
            ],
          ]}
        />
      </Panel>
      {status.ats.map((ats) => (
        <Ats
          key={ats.id}
          ats={ats}
          gateway={status.url}
          workspaces={(workspaces?.items ?? []).filter((one) => one.ats_id === ats.id)}
        />
      ))}
      <Assumptions />
      <Audit />
    </div>
  );
}

function Ats({ ats, gateway, workspaces }: { ats: AtsView; gateway: string; workspaces: WorkspaceView[] }) {
  const [rotated, setRotated] = useState<{ credential: string; value: string } | null>(null);
  return (
    <Panel title={ats.name}>
      <Facts
        rows={[
          ['id', <code key="id">{ats.id}</code>],
          ['incoming', <code key="in">{`POST ${gateway}/v1/webhooks/${encodeURIComponent(ats.id)}`}</code>],
        ]}
      />
      <WebhookUrl ats={ats} />
      <h3>Credentials</h3>
      <p className="dim">Fingerprints, never the values. carvos env prints the values on this machine.</p>
      <ul className="plain cards">
        <CredentialRow
          ats={ats}
          credential="api-key"
          print={ats.api_key_fingerprint}
          onRotated={setRotated}
        />
        <CredentialRow
          ats={ats}
          credential="incoming-secret"
          print={ats.incoming_secret_fingerprint}
          onRotated={setRotated}
        />
        <CredentialRow
          ats={ats}
          credential="outgoing-secret"
          print={ats.outgoing_secret_fingerprint}
          onRotated={setRotated}
        />
      </ul>
      <h3>Workspaces</h3>
      {workspaces.length === 0 ? (
        <Empty title="No workspaces" command="carvos workspace add acme-corp" />
      ) : (
        <ul className="plain cards">
          {workspaces.map((one) => (
            <li key={one.client_id}>
              <span>
                <code>{neutralize(one.client_id)}</code> {neutralize(one.name)}, {one.status}
                <small>
                  {one.members
                    .map(({ user_id, name }) => `${neutralize(name)} (${neutralize(user_id)})`)
                    .join(', ') || 'no members'}
                </small>
              </span>
            </li>
          ))}
        </ul>
      )}
      {rotated !== null && (
        <Dialog title={`The new ${rotated.credential}`} onClose={() => setRotated(null)}>
          <p>It is shown here once. The old one verifies no longer.</p>
          <div className="command">
            <code>{rotated.value}</code>
            <Copy text={rotated.value} what={rotated.credential} />
          </div>
        </Dialog>
      )}
    </Panel>
  );
}

function CredentialRow({
  ats,
  credential,
  print,
  onRotated,
}: {
  ats: AtsView;
  credential: Credential;
  print: string | null;
  onRotated(rotated: { credential: string; value: string }): void;
}) {
  const page = usePage();
  const [sure, setSure] = useState(false);
  const rotate = () => {
    setSure(false);
    return page.run('rotating…', async () => {
      const { value } = await page.call('rotate', { params: { id: ats.id }, body: { credential } });
      onRotated({ credential, value });
      return `${credential} is rotated`;
    });
  };
  return (
    <li>
      <span>
        {credential} <code>{print ?? 'none'}</code>
      </span>
      {sure ? (
        <span className="actions">
          <Button kind="main" label={`Rotate ${credential} now`} onPress={() => void rotate()}>
            Rotate now
          </Button>
          <Button label={`Keep ${credential}`} onPress={() => setSure(false)}>
            Keep
          </Button>
        </span>
      ) : (
        <Button label={`Rotate ${credential}`} onPress={() => setSure(true)}>
          Rotate…
        </Button>
      )}
    </li>
  );
}

function WebhookUrl({ ats }: { ats: AtsView }) {
  const page = usePage();
  const [text, setText] = useState('');
  const save = (webhook_url: string | null) =>
    page.run('saving…', async () => {
      await page.call('changeAts', { params: { id: ats.id }, body: { webhook_url } });
      setText('');
      return webhook_url === null ? 'the webhook URL is taken away' : 'the webhook URL is set';
    });
  return (
    <>
      <h3>Webhook URL</h3>
      <p>
        {ats.webhook_url === null ? 'none: deliveries fail until it is set' : <code>{ats.webhook_url}</code>}
      </p>
      <form
        className="filters"
        onSubmit={(event) => {
          event.preventDefault();
          if (URL.canParse(text)) void save(text);
        }}
      >
        <Input
          label="New URL"
          type="url"
          value={text}
          onChange={setText}
          placeholder="http://127.0.0.1:3000/webhooks/carvos"
        />
        <Button disabled={!URL.canParse(text)} onPress={() => void save(text)}>
          Set
        </Button>
        {ats.webhook_url !== null && <Button onPress={() => void save(null)}>Take away</Button>}
      </form>
    </>
  );
}
