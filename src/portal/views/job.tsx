import { createPaint } from '../../cli/terminal/output.ts';
import { describeAiAttempt } from '../../cli/text/trace.ts';
import { rerun } from '../acts.ts';
import { useCall, usePage } from '../page.tsx';
import { Answer, Button, Empty, Facts } from './parts.tsx';

const PLAIN = createPaint(false);

/** The AI's job for a reference, and each time that the AI was asked. */
export function JobView({ reference }: { reference: string | null }) {
  const page = usePage();
  const input = reference === null ? null : { params: { id: reference } };
  const answered = useCall('job', input, [reference ?? '']);
  if (reference === null || answered.error !== null)
    return <Empty title="No AI job">{answered.error?.message ?? 'Nothing was accepted here.'}</Empty>;
  return (
    <Answer of={answered}>
      {({ id, state, error, created_at, attempts }) => (
        <div className="job">
          <Facts
            rows={{
              job: <code>{id}</code>,
              state: <span className={`state ${state}`}>{state}</span>,
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
