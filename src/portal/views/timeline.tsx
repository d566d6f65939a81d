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
  const { state } = usePage();
  if (delivery.direction === 'incoming') return null;
  const attempts = [...delivery.attempts].sort((a, b) => a.number - b.number);
  const next = delivery.next_attempt;
  const countdown = next && formatCountdown(next, state.clock, state.now);
  if (delivery.test || delivery.replay_of !== null) {
    const what = delivery.test ? 'A test event' : 'A replay';
    return (
      <p className="note">
        {what}: one attempt, outside the schedule{countdown ? `, due in ${countdown}` : ''}.
        {delivery.replay_of !== null && (
          <>
            {' '}
            It replays <Go to={{ id: delivery.replay_of }}>{delivery.replay_of}</Go>.
          </>
        )}
      </p>
    );
  }
  const steps = Array.from({ length: MAX_STEPS }, (_, index) => {
    const step = index + 1;
    return { step, made: attempts.filter((one) => one.step === step), isNext: next?.step === step };
  });
  return (
    <ol className="timeline" aria-label="Attempts">
      {steps.map(({ step, made, isNext }) => {
        const last = made.at(-1);
        const tone = isNext ? 'next' : last ? toneOf(last.outcome) : 'later';
        return (
          <li key={step} className={tone}>
            <span className="gap">
              {step === 1 ? 'at once' : `+${formatDuration(RETRY_DELAYS_MS[step - 1]!)}`}
            </span>
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
              {!isNext && !last && <span>{delivery.state === 'pending' ? 'may follow' : 'not made'}</span>}
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
