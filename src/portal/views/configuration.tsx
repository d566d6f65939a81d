import { useState } from 'react';
import { neutralize } from '../../cli/terminal/neutralize.ts';
import type { AssumptionUse, AtsView, WorkspaceView } from '../../contract/control.ts';
import { webhookPath } from '../../contract/paths.ts';
import type { Credential } from '../../contract/portal.ts';
import { useCall, usePage } from '../page.tsx';
import { AskTarget } from './fields.tsx';
import { Answer, Button, Command, Dialog, Empty, Facts, Go, Items, Panel, typed } from './parts.tsx';

/** What the portal has of each ATS: webhook URL, workspaces, fingerprints, rotation, and who changed what. */
export function Configuration() {
  const workspaces = useCall('workspaces', {});
  return (
    <Answer of={useCall('status', {})}>
      {({ url, carvos, database, started_at, events, deliveries, ats: all }) => (
        <div className="column">
          <Panel title="Gateway">
            <Facts
              rows={{
                URL: <code>{url}</code>,
                carvos,
                database: <code>{database}</code>,
                started: started_at,
                events,
                deliveries: `${deliveries.delivered} delivered, ${deliveries.pending} pending, ${deliveries.exhausted} exhausted`,
              }}
            />
          </Panel>
          {all.map((ats) => (
            <Panel key={ats.id} title={ats.name}>
              <Facts
                rows={{
                  id: <code>{ats.id}</code>,
                  incoming: <code>{`POST ${url}${webhookPath(ats.id)}`}</code>,
                }}
              />
              <WebhookUrl ats={ats} />
              <Credentials ats={ats} />
              <h3>Workspaces</h3>
              <Answer of={workspaces}>
                {({ items }) => <Workspaces all={items.filter((one) => one.ats_id === ats.id)} />}
              </Answer>
            </Panel>
          ))}
          <Assumptions />
          <Audit />
        </div>
      )}
    </Answer>
  );
}

function WebhookUrl({ ats: { id, webhook_url: now } }: { ats: AtsView }) {
  const page = usePage();
  const save = (webhook_url: string | null) =>
    page.run('saving…', async () => {
      await page.call('changeAts', { params: { id }, body: { webhook_url } });
      return webhook_url === null ? 'the webhook URL is taken away' : 'the webhook URL is set';
    });
  return (
    <>
      <h3>Webhook URL</h3>
      <div className="actions">
        {now === null ? 'none: deliveries fail until it is set' : <code>{now}</code>}
        {now !== null && <Button text="Remove the URL" onPress={() => save(null)} />}
      </div>
      <AskTarget key={now} label="New URL" submit="Set" onSubmit={save} />
    </>
  );
}

function Credentials({ ats }: { ats: AtsView }) {
  const page = usePage();
  const [asked, setAsked] = useState<{ credential: Credential; value: string | null } | null>(null);
  const prints = [
    ['api-key', ats.api_key_fingerprint],
    ['incoming-secret', ats.incoming_secret_fingerprint],
    ['outgoing-secret', ats.outgoing_secret_fingerprint],
  ] as const;
  const rotate = (credential: Credential) =>
    page.run('rotating…', async () => {
      const { value } = await page.call('rotate', { params: { id: ats.id }, body: { credential } });
      setAsked({ credential, value });
      return `${credential} is rotated`;
    });
  return (
    <>
      <h3>Credentials</h3>
      <p className="dim">Fingerprints, never the values. {typed('env')} prints the values on this machine.</p>
      <Items of={prints} empty={null}>
        {([credential, print]) => (
          <li key={credential}>
            <span>
              {credential} <code>{print ?? 'none'}</code>
            </span>
            <Button text={`Rotate ${credential}…`} onPress={() => setAsked({ credential, value: null })} />
          </li>
        )}
      </Items>
      {asked !== null && (
        <Dialog title={`A new ${asked.credential}`} onClose={() => setAsked(null)}>
          <p>The old one stops at once. The new one is shown here, and never again.</p>
          {asked.value === null ? (
            <Button text="Rotate now" kind="main" onPress={() => rotate(asked.credential)} />
          ) : (
            <Command text={asked.value} what={asked.credential} />
          )}
        </Dialog>
      )}
    </>
  );
}

function Workspaces({ all }: { all: WorkspaceView[] }) {
  return (
    <Items of={all} empty={<Empty title="No workspaces" command="workspace add acme-corp" />}>
      {({ client_id, name, status, members }) => (
        <li key={client_id}>
          <span>
            <code>{neutralize(client_id)}</code> {neutralize(name)}, {status}
            <small>
              {neutralize(members.map((one) => `${one.name} (${one.user_id})`).join(', ')) || 'no members'}
            </small>
          </span>
        </li>
      )}
    </Items>
  );
}

/** Who changed what, newest first. */
function Audit() {
  return (
    <Panel title="Audit">
      <Answer of={useCall('audit', { query: { limit: 50 } })}>
        {({ items }) => (
          <Items of={items} empty={<Empty title="Nothing was changed yet" />}>
            {({ id, at, actor, action, ats_id, details }) => (
              <li key={id}>
                <span>
                  <time dateTime={at}>{at}</time> <strong>{action}</strong> of {ats_id} by {actor}
                  <small>
                    {Object.entries(details)
                      .map(([name, value]) => `${name}: ${neutralize(value ?? 'none')}`)
                      .join(', ')}
                  </small>
                </span>
              </li>
            )}
          </Items>
        )}
      </Answer>
    </Panel>
  );
}

/** What the traffic relied on that no documentation of CarvOS says, and what the facts file says instead. */
function Assumptions() {
  return (
    <Panel title="Assumptions">
      <Answer of={useCall('assumptions', { query: { all: '1' } })}>
        {({ relied_on, total, items }) => (
          <>
            <p className="dim">
              {relied_on} of {total} were relied on: what the emulator does without the documentation of
              CarvOS saying so.
            </p>
            <Items of={items.filter(({ count, fact }) => count > 0 || fact !== null)} empty={null}>
              {(use) => <Assumption key={use.id} use={use} />}
            </Items>
          </>
        )}
      </Answer>
    </Panel>
  );
}

function Assumption({ use: { what, fact, check, count, sample, id } }: { use: AssumptionUse }) {
  const place = sample?.startsWith('dlv_') ? 'deliveries' : 'trace';
  return (
    <li>
      <span>
        <code>{id}</code> {fact === null ? what : <s>{what}</s>}
        {fact !== null && <p>By carvos.facts.json instead: {neutralize(fact)}</p>}
        <small>
          {count === 0 ? 'not relied on' : `relied on ${count === 1 ? 'once' : `${count} times`}`}
          {sample !== null && ', first at '}
          {sample !== null && <Go to={{ place, id: sample }}>{sample}</Go>}
        </small>
        <small>To find out: {check}</small>
      </span>
    </li>
  );
}
