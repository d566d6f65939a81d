import { neutralize } from '../../cli/terminal/neutralize.ts';
import { formatDuration } from '../../cli/text/duration.ts';
import { formatWallTime } from '../../cli/text/times.ts';
import type { AiAttemptView } from '../../contract/control.ts';
import { rerun } from '../acts.ts';
import { useCall, usePage } from '../page.tsx';
import { Button, Empty, Facts } from './parts.tsx';

/** The AI's job for a reference, and each time that the AI was asked. */
export function JobView({ reference }: { reference: string | null }) {
  const page = usePage();
  const { data: job, error } = useCall('job', reference === null ? null : { params: { id: reference } }, [
    reference ?? '',
    '*',
  ]);
  if (reference === null || error !== null)
    return <Empty title="No AI job">{error ?? 'Nothing was accepted here.'}</Empty>;
  if (job === null) return <p className="dim pad">Reading…</p>;
  return (
    <div className="job">
      <Facts
        rows={[
          ['job', <code key="id">{job.id}</code>],
          [
            'state',
            <span key="state" className={`state ${job.state}`}>
              {job.state}
            </span>,
          ],
          ['error', job.error && `${job.error.code}: ${neutralize(job.error.message)}`],
        ]}
      />
      {job.state === 'failed' && (
        <Button shortcut="x" label="Run again" onPress={() => void rerun(page, job.id)}>
          Run again
        </Button>
      )}
      <ol className="plain">
        {job.attempts.map((one: AiAttemptView) => (
          <li key={`${one.run}/${one.number}`}>
            <strong>
              run {one.run}, attempt {one.number}
            </strong>{' '}
            {one.outcome} by {one.backend} in {formatDuration(one.duration_ms)},{' '}
            {formatWallTime(one.started_at)}
            {one.error !== null && <> · {neutralize(one.error.message)}</>}
          </li>
        ))}
      </ol>
    </div>
  );
}
