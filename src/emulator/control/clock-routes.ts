import type { Response, Router } from 'express';
import { OUTPUT_VERSION } from '../../contract/control.ts';
import { AdvanceRequest, SpeedRequest } from '../../contract/control-requests.ts';
import type { Speed } from '../settings.ts';
import type { Move } from '../time/move-clock.ts';
import type { ControlParts } from './parts.ts';
import { parseRequest } from './request.ts';
import { viewClock } from './views.ts';

const NOTHING_FIRED: Move = { fired: [], unlisted: 0 };

/** The schedule clock. Each move answers with the attempts that it made. */
export function addClockRoutes(router: Router, parts: ControlParts): void {
  const { store, clock, liveFeed, clockMoves } = parts;
  const answerMove = (response: Response, move: Move) => {
    liveFeed.publish(() => ({ type: 'clock.changed', clock: viewClock(store, clock) }));
    response.json({ version: OUTPUT_VERSION, ...move, clock: viewClock(store, clock) });
  };

  router.get('/clock', (_request, response) => void response.json(viewClock(store, clock)));
  router.post('/clock/pause', (_request, response) => {
    clock.pause();
    answerMove(response, NOTHING_FIRED);
  });
  router.post('/clock/resume', (_request, response) => {
    clock.resume();
    answerMove(response, NOTHING_FIRED);
  });
  router.post('/clock/speed', (request, response) => {
    clock.setSpeed(parseRequest(SpeedRequest, request.body).speed as Speed);
    answerMove(response, NOTHING_FIRED);
  });
  router.post('/clock/advance', async (request, response) => {
    answerMove(response, await clockMoves.advance(parseRequest(AdvanceRequest, request.body).ms));
  });
  router.post('/clock/next', async (_request, response) => answerMove(response, await clockMoves.next()));
  router.post('/clock/drain', async (_request, response) => answerMove(response, await clockMoves.drain()));
}
