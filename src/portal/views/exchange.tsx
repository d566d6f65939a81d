import { neutralize } from '../../cli/terminal/neutralize.ts';
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

/** JSON is shown indented, unless that would change something, as with integers above 2^53. */
export function readable({
  text,
  encoding,
  truncated,
}: Pick<LoggedBody, 'text' | 'encoding' | 'truncated'>): string {
  if (truncated || encoding === 'base64') return text;
  try {
    const value: unknown = JSON.parse(text);
    const bare = (one: string) => one.replace(/\s/g, '');
    return bare(JSON.stringify(value)) === bare(text) ? JSON.stringify(value, null, 2) : text;
  } catch {
    return text;
  }
}
