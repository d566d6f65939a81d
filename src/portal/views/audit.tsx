import { neutralize } from '../../cli/terminal/neutralize.ts';
import { useCall } from '../page.tsx';
import { Empty, Go, Panel, Problem } from './parts.tsx';

/** Who changed what, newest first. */
export function Audit() {
  const { data, error } = useCall('audit', { query: { limit: 50 } });
  return (
    <Panel title="Audit">
      {error !== null && <Problem text={error} />}
      {data?.items.length === 0 && <Empty title="Nothing was changed yet" />}
      <ul className="plain">
        {data?.items.map(({ id, at, actor, action, ats_id, details }) => (
          <li key={id}>
            <time dateTime={at}>{at}</time> <strong>{action}</strong> of {ats_id} by {actor}
            <small>
              {Object.entries(details)
                .map(([name, value]) => `${name}: ${neutralize(value ?? 'none')}`)
                .join(', ')}
            </small>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** What the traffic relied on that no documentation of CarvOS says. */
export function Assumptions() {
  const { data, error } = useCall('assumptions', { query: {} });
  return (
    <Panel title="Assumptions">
      {error !== null && <Problem text={error} />}
      {data !== null && (
        <p className="dim">
          {data.relied_on} of {data.total} were relied on: what the emulator does without the documentation of
          CarvOS saying so.
        </p>
      )}
      <ul className="plain cards">
        {data?.items.map(({ id, what, check, count, sample }) => (
          <li key={id}>
            <span>
              <code>{id}</code> {what}
              <small>
                {count} {count === 1 ? 'time' : 'times'}
                {sample !== null && (
                  <>
                    , first at{' '}
                    <Go
                      to={
                        sample.startsWith('dlv_')
                          ? { place: 'deliveries', id: sample }
                          : { place: 'trace', id: sample }
                      }
                    >
                      {sample}
                    </Go>
                  </>
                )}
              </small>
              <small>To find out: {check}</small>
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
