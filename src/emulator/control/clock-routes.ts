import type { CLOCK_ROUTES } from '../../contract/control/routes/clock.ts';
import type { Speed } from '../settings.ts';
import type { Move } from '../time/move-clock.ts';
import type { HandlersOf } from './call.ts';
import type { ControlParts } from './parts.ts';
import { viewClock } from './views.ts';

const NOTHING_FIRED: Move = { fired: [], unlisted: 0 };

/** The schedule clock. Each move answers with the attempts that it made. */
export function createClockHandlers({
  store,
  clock,
  liveFeed,
  clockMoves,
}: ControlParts): HandlersOf<typeof CLOCK_ROUTES> {
  const answerMove = (move: Move) => {
    liveFeed.publish(() => ({ type: 'clock.changed', clock: viewClock(store, clock) }));
    return { ...move, clock: viewClock(store, clock) };
  };
  return {
    clock: () => viewClock(store, clock),
    clockPause() {
      clock.pause();
      return answerMove(NOTHING_FIRED);
    },
    clockResume() {
      clock.resume();
      return answerMove(NOTHING_FIRED);
    },
    clockSpeed({ body }) {
      clock.setSpeed(body.speed as Speed);
      return answerMove(NOTHING_FIRED);
    },
    clockAdvance: async ({ body }) => answerMove(await clockMoves.advance(body.ms)),
    clockNext: async () => answerMove(await clockMoves.next()),
    clockDrain: async () => answerMove(await clockMoves.drain()),
  };
}
