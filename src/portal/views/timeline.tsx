import { formatCountdown } from '../../cli/text/countdown.ts';
import { formatDuration } from '../../cli/text/duration.ts';
import { outcomeText } from '../../cli/text/outcome.ts';
import { formatWallTime } from '../../cli/text/times.ts';
import type { DeliveryDetail, LogRecordDetail } from '../../contract/control.ts';
import { MAX_STEPS, RETRY_DELAYS_MS } from '../../contract/retry-schedule.ts';
import { usePage } from '../page.tsx';
import { Go, toneOf } from './parts.tsx';

/** The five attempts of the schedule: what was, what is next, and what may come. */
export function Timeline({ delivery, chosen }: { delivery: DeliveryDetail; chosen: string | undefined }) {
  const { clock, now } = usePage().state;
  const { direction, attempts, next_attempt: next, replay_of, test, state } = delivery;
  if (direction === 'incoming') return null;
  const countdown = next && formatCountdown(next, clock, now);
  if (test || replay_of !== null) {
    return (
      <p className="note">
        {test ? 'A test event' : 'A replay'}: one attempt, outside the schedule
        {countdown && `, due in ${countdown}`}.
        {replay_of !== null && (
          <>
            {' '}
            It replays <Go to={{ id: replay_of }}>{replay_of}</Go>.
          </>
        )}
      </p>
    );
  }
  return (
    <ol className="timeline" aria-label="Attempts">
      {RETRY_DELAYS_MS.map((delay, index) => {
        const step = index + 1;
        const made = attempts.filter((one) => one.step === step);
        const last = made.at(-1);
        const isNext = next?.step === step;
        return (
          <li key={step} className={isNext ? 'next' : last ? toneOf(last.outcome) : 'later'}>
            <span className="gap">{step === 1 ? 'at once' : `+${formatDuration(delay)}`}</span>
            <span className="dot" aria-hidden="true">
              {isNext ? '◉' : last ? outcomeText(last)[0] : '○'}
            </span>
            <span className="what">
              <strong>
                {step}/{MAX_STEPS}
              </strong>
              {made.map((one) => (
                <Attempt key={one.id} attempt={one} current={one.id === chosen} />
              ))}
              {isNext && <span>next in {countdown}</span>}
              {!isNext && !last && <span>{state === 'pending' ? 'may follow' : 'not made'}</span>}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function Attempt({ attempt, current }: { attempt: LogRecordDetail; current: boolean }) {
  return (
    <Go to={{ id: attempt.id }} className={current ? 'attempt current' : 'attempt'}>
      {outcomeText(attempt).slice(2)}
      <small>
        {formatWallTime(attempt.occurred_at)}, took {formatDuration(attempt.duration_ms)}
        {attempt.fault !== null && `, fault ${attempt.fault}`}
      </small>
    </Go>
  );
}
