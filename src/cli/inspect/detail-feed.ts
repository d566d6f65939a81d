import { setTimeout as delay } from 'node:timers/promises';
import { ControlError } from '../../client/errors.ts';
import type { Action } from './reducer.ts';
import { describe, type Source } from './source.ts';
import { layoutOf, type State, selectedRecord } from './state.ts';

/** While records rush by, the detail need not keep up with each. */
const PAUSE_MS = 60;

/**
 * Reads what the detail shows.
 *
 * @returns call it after every change of state.
 */
export function createDetailFeed(
  get: () => State,
  dispatch: (action: Action) => void,
  source: () => Source,
): () => void {
  let busy = false;
  let diagnosed: string | null = null;

  const read = async () => {
    busy = true;
    const record = selectedRecord(get());
    if (record !== null) {
      const { id, delivery_id, reference_id } = record;
      try {
        const [delivery, trace] = await Promise.all([
          source().delivery(delivery_id),
          reference_id === null ? null : source().trace(reference_id),
        ]);
        dispatch({ type: 'detail.loaded', id, delivery, trace });
      } catch (error) {
        const gone = error instanceof ControlError && error.status === 404;
        const why = gone ? 'it is no longer in the log' : describe(error);
        dispatch({ type: 'detail.failed', id, error: why });
      }
    }
    await delay(PAUSE_MS);
    busy = false;
    want();
  };
  const diagnose = async (id: string) => {
    diagnosed = id;
    try {
      const diagnosis = await source().diagnosis(id);
      dispatch({ type: 'detail.diagnosed', id, diagnosis, error: null });
    } catch (error) {
      dispatch({ type: 'detail.diagnosed', id, diagnosis: null, error: describe(error) });
    }
  };

  const want = () => {
    const state = get();
    if (state.pane !== 'detail' && !layoutOf(state).wide) return;
    const record = selectedRecord(state);
    const { id, delivery, diagnosis, diagnosisError, stale } = state.detail;
    if (record !== null && !busy && (id !== record.id || stale)) void read();
    if (id !== diagnosed) diagnosed = null;
    if (state.tab !== 'signature' || id === null || diagnosed === id) return;
    if (diagnosis !== null || diagnosisError !== null) return;
    const attempt = delivery?.attempts.find((one) => one.id === id);
    if (attempt && attempt.diagnosis === null && attempt.request.signature !== null) void diagnose(id);
    else diagnosed = id;
  };
  return want;
}
