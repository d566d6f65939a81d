import { neutralize } from '../../cli/terminal/neutralize.ts';
import type { LogRecordDetail } from '../../contract/control.ts';
import type { DiagnosisView } from '../../contract/diagnosis.ts';
import { useCall } from '../page.tsx';
import { Command, Empty, Facts, Problem } from './parts.tsx';

/** Whether the signature verifies, and where it does not, what to change. */
export function SignatureView({ attempt }: { attempt: LogRecordDetail }) {
  const known = attempt.diagnosis;
  const signed = attempt.request.signature !== null;
  const [id = '', number = ''] = attempt.id.split('/');
  const asked = useCall('diagnose', known === null && signed ? { params: { id, number } } : null, []);
  if (!signed && known === null) {
    return (
      <Empty title="No signature">This request carried none: it came with an API key, or from within.</Empty>
    );
  }
  if (asked.error !== null) return <Problem text="It cannot be diagnosed." next={asked.error} />;
  const diagnosis = known ?? asked.data?.diagnosis;
  if (diagnosis === undefined) return <p className="dim pad">Computing…</p>;
  return (
    <div className="diagnosis">
      {attempt.request.signature !== null && (
        <p className="line">
          <code>{neutralize(attempt.request.signature)}</code>
        </p>
      )}
      <Verdict diagnosis={diagnosis} attempt={attempt} />
    </div>
  );
}

function Verdict({ diagnosis, attempt }: { diagnosis: DiagnosisView; attempt: LogRecordDetail }) {
  if (diagnosis.verdict === 'valid') {
    return (
      <>
        <p className="note good">✓ The signature verifies with the secret that the gateway has.</p>
        {attempt.response_status === 401 && (
          <p className="note">
            Your receiver answered 401 all the same. Let it log the value that it computes, and ask why with
            <Command text={`carvos verify --delivery ${attempt.id} --computed HEX`} />
          </p>
        )}
      </>
    );
  }
  if (diagnosis.verdict === 'explained') {
    return (
      <>
        {diagnosis.findings.map((finding) => (
          <article key={finding.code} className="finding">
            <h3>
              <code>{finding.code}</code>
            </h3>
            <p>{neutralize(finding.message)}</p>
            <p className="fix">{finding.fix}</p>
            {Object.entries(finding.frameworks).map(([name, code]) => (
              <div key={name} className="framework">
                <span>{name}</span>
                <code>{code}</code>
              </div>
            ))}
          </article>
        ))}
      </>
    );
  }
  const { hashed } = diagnosis;
  return (
    <>
      <p className="note bad">No known mistake explains it.</p>
      <Facts
        rows={[
          ['expected', diagnosis.expected && <code>{diagnosis.expected}</code>],
          ['given', diagnosis.given && <code>{neutralize(diagnosis.given)}</code>],
          ['hashed', <code key="first">{neutralize(hashed.first)}</code>],
          ['ends with', <code key="last">{neutralize(hashed.last)}</code>],
          ['body', `${hashed.bytes} bytes, SHA-256 ${hashed.sha256}`],
        ]}
      />
      <h3>Check next</h3>
      <ul>
        {diagnosis.checks.map((check) => (
          <li key={check}>{check}</li>
        ))}
      </ul>
    </>
  );
}
