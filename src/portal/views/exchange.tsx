import { neutralize } from '../../cli/terminal/neutralize.ts';
import { createPaint } from '../../cli/terminal/output.ts';
import { describeUnsigned, formatDiagnosis } from '../../cli/text/diagnosis.ts';
import { readable } from '../../cli/text/readable.ts';
import { describeAiAttempt } from '../../cli/text/trace.ts';
import { explainStatus } from '../../client/explain-status.ts';
import type { LogRecordDetail } from '../../contract/control.ts';
import type { DiagnosisView } from '../../contract/diagnosis.ts';
import { FRAMEWORK_LABELS } from '../../signing/diagnose/framework-labels.ts';
import { SIGNATURE_HEADER } from '../../signing/header.ts';
import { rerun } from '../acts.ts';
import { useActs, useCall } from '../page.tsx';
import { Answer, Badge, Button, Command, Empty, Facts, typed } from './parts.tsx';

const PLAIN = createPaint(false);

/** What was sent and what was answered. All of it is text, whatever it looks like. */

export function RequestView({ attempt }: { attempt: LogRecordDetail }) {
  const { method, url, headers, signature, body } = attempt.request;
  const all = signature === null ? headers : { ...headers, [SIGNATURE_HEADER]: signature };
  return (
    <div className="exchange">
      <Message line={`${method} ${url}`} headers={all} body={body} />
      {!body.truncated && body.encoding === 'utf8' && <Transcript text={body.text} />}
    </div>
  );
}

export function ResponseView({ attempt }: { attempt: LogRecordDetail }) {
  const { response, error, fault, request, direction } = attempt;
  // Of an answer of the gateway's own its body says it, and of a fault there is nothing to mend.
  const hint =
    response !== null && direction === 'outgoing' && fault === null
      ? explainStatus(response.status, { url: request.url, words: response.body.text, shown: true })
      : null;
  return (
    <div className="exchange">
      {fault !== null && <p className="note">A fault on purpose: {fault}</p>}
      {hint !== null && <p className="note">{neutralize(hint)}</p>}
      {error !== null && (
        <p className="note bad">
          <code>{error.code}</code> {neutralize(error.message)}
        </p>
      )}
      {response === null ? (
        <Empty title="There is no answer">Nothing was answered, or not all of it.</Empty>
      ) : (
        <Message line={`HTTP ${response.status}`} headers={response.headers} body={response.body} />
      )}
    </div>
  );
}

type MessageProps = { line: string } & Pick<LogRecordDetail['request'], 'headers' | 'body'>;

function Message({ line, headers, body }: MessageProps) {
  const notes = [
    body.bytes === 0 ? 'no body' : `${body.bytes.toLocaleString('en')} bytes`,
    body.encoding === 'base64' ? 'not text, shown as base64' : '',
    body.truncated ? 'only the beginning' : '',
  ];
  return (
    <>
      <code className="line">{neutralize(line)}</code>
      <Facts rows={headers} className="headers" />
      <figure className="body">
        <figcaption>{notes.filter(Boolean).join(', ')}</figcaption>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
        {body.bytes > 0 && <pre tabIndex={0}>{neutralize(readable(body))}</pre>}
      </figure>
    </>
  );
}

/** A meeting's transcript is HTML of the gateway's: its preview may run nothing, load nothing and reach nothing. */
export function Transcript({ text }: { text: string }) {
  const html = transcriptOf(text);
  if (html === null) return null;
  return (
    <figure className="body">
      <figcaption>the transcript as it looks</figcaption>
      <iframe className="preview" sandbox="" srcDoc={html} title="Transcript" />
    </figure>
  );
}

function transcriptOf(text: string): string | null {
  if (!text.includes('"transcript"')) return null;
  try {
    const { data } = JSON.parse(text) as { data?: { transcript?: unknown } };
    return typeof data?.transcript === 'string' && data.transcript.startsWith('<') ? data.transcript : null;
  } catch {
    return null;
  }
}

/** Whether the signature verifies, and where it does not, what to change. */
export function SignatureView({ attempt }: { attempt: LogRecordDetail }) {
  const known = attempt.diagnosis;
  const { signature } = attempt.request;
  const params = { id: attempt.delivery_id, number: String(attempt.number) };
  const asked = useCall('diagnose', known === null && signature ? { params } : null, []);
  if (signature === null && known === null) {
    return <Empty title="No signature">{describeUnsigned(attempt)}</Empty>;
  }
  return (
    <div className="diagnosis">
      {signature !== null && <code className="line">{neutralize(signature)}</code>}
      <Answer of={{ data: known ?? asked.data?.diagnosis ?? null, error: asked.error }}>
        {(diagnosis) => <Verdict diagnosis={diagnosis} attempt={attempt} />}
      </Answer>
    </div>
  );
}

function Verdict({ diagnosis, attempt }: { diagnosis: DiagnosisView; attempt: LogRecordDetail }) {
  const { verdict, findings } = diagnosis;
  if (verdict === 'valid') {
    return (
      <>
        <p className="note good">✓ The signature verifies with the secret that the gateway has.</p>
        {attempt.response_status === 401 && (
          <div className="note">
            Your receiver answered 401 all the same. Let it log the value that it computes, and ask why with
            <Command text={typed(`verify --delivery ${attempt.id} --computed HEX`)} />
          </div>
        )}
      </>
    );
  }
  if (verdict === 'explained') {
    return findings.map(({ code, message, fix, frameworks }) => (
      <article key={code} className="finding">
        <h3>
          <code>{code}</code>
        </h3>
        <p>{neutralize(message)}</p>
        <p className="fix">{fix}</p>
        {Object.entries(frameworks).map(([name, line]) => (
          <div key={name} className="framework">
            <span>{(FRAMEWORK_LABELS as Record<string, string>)[name] ?? name}</span>
            <code>{line}</code>
          </div>
        ))}
      </article>
    ));
  }
  return <pre className="wrapped">{formatDiagnosis(diagnosis, PLAIN).join('\n')}</pre>;
}

/** The AI's job for a reference, and each time that the AI was asked. */
export function JobView({ reference }: { reference: string | null }) {
  const page = useActs();
  const input = reference === null ? null : { params: { id: reference } };
  const answered = useCall('job', input, [reference ?? '']);
  if (reference === null || answered.error?.status === 404)
    return <Empty title="No AI job">Nothing that was accepted caused this.</Empty>;
  return (
    <Answer of={answered}>
      {({ id, state, error, created_at, attempts }) => (
        <div className="job">
          <Facts
            rows={{
              job: <code>{id}</code>,
              state: <Badge state={state} />,
              error: error && `${error.code}: ${error.message}`,
            }}
          />
          {state === 'failed' && <Button text="Run again" shortcut="x" onPress={() => rerun(page, id)} />}
          <ol className="plain">
            {attempts.map((one) => (
              <li key={`${one.run}/${one.number}`}>
                {describeAiAttempt(one, Date.parse(created_at), PLAIN)}
              </li>
            ))}
          </ol>
        </div>
      )}
    </Answer>
  );
}
