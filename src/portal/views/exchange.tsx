import { neutralize } from '../../cli/terminal/neutralize.ts';
import { readable } from '../../cli/text/readable.ts';
import type { LoggedBody, LogRecordDetail } from '../../contract/control.ts';
import { SIGNATURE_HEADER } from '../../signing/header.ts';
import { Empty } from './parts.tsx';

/** What was sent and what was answered. All of it is text, whatever it looks like. */

export function RequestView({ attempt }: { attempt: LogRecordDetail }) {
  const { method, url, headers, signature, body } = attempt.request;
  const all = signature === null ? headers : { ...headers, [SIGNATURE_HEADER]: signature };
  return (
    <div className="exchange">
      <p className="line">
        <code>
          {method} {neutralize(url)}
        </code>
      </p>
      <Headers values={all} />
      <Body body={body} />
      <Transcript body={body} />
    </div>
  );
}

export function ResponseView({ attempt }: { attempt: LogRecordDetail }) {
  const { response, error, fault } = attempt;
  return (
    <div className="exchange">
      {fault !== null && <p className="note">A fault on purpose: {fault}</p>}
      {error !== null && (
        <p className="note bad">
          <code>{error.code}</code> {neutralize(error.message)}
        </p>
      )}
      {response === null ? (
        <Empty title="There is no answer">Nothing was answered, or not all of it.</Empty>
      ) : (
        <>
          <p className="line">
            <code>HTTP {response.status}</code>
          </p>
          <Headers values={response.headers} />
          <Body body={response.body} />
        </>
      )}
    </div>
  );
}

function Headers({ values }: { values: Readonly<Record<string, string>> }) {
  const rows = Object.entries(values);
  if (rows.length === 0) return null;
  return (
    <dl className="headers">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{neutralize(name)}</dt>
          <dd>{neutralize(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Body({ body }: { body: LoggedBody }) {
  if (body.bytes === 0) return <p className="dim">No body.</p>;
  const notes = [
    `${body.bytes.toLocaleString('en')} bytes`,
    body.encoding === 'base64' ? 'not text, shown as base64' : '',
    body.truncated ? 'only the beginning' : '',
  ];
  return (
    <figure className="body">
      <figcaption>{notes.filter(Boolean).join(', ')}</figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <pre tabIndex={0}>{neutralize(readable(body))}</pre>
    </figure>
  );
}

/** A meeting's transcript is HTML of the gateway's: its preview may run nothing, load nothing and reach nothing. */
function Transcript({ body }: { body: LoggedBody }) {
  const html = transcriptOf(body);
  if (html === null) return null;
  return (
    <figure className="body">
      <figcaption>the transcript as it looks</figcaption>
      <iframe className="preview" sandbox="" srcDoc={html} title="Transcript" />
    </figure>
  );
}

function transcriptOf({ text, encoding, truncated }: LoggedBody): string | null {
  if (truncated || encoding === 'base64' || !text.includes('"transcript"')) return null;
  try {
    const { data } = JSON.parse(text) as { data?: { transcript?: unknown } };
    return typeof data?.transcript === 'string' && data.transcript.startsWith('<') ? data.transcript : null;
  } catch {
    return null;
  }
}
