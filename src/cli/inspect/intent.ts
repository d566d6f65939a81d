import type { Action } from './reducer.ts';

/** What happens outside the screen's own state. */
export type Effect =
  | { type: 'quit' }
  | { type: 'replay' }
  | { type: 'replay.edited' }
  | { type: 'replay.to'; target: string }
  | { type: 'copy.curl' }
  | { type: 'copy.id' }
  | { type: 'send'; event: string; edit: boolean }
  | { type: 'job.rerun' }
  | { type: 'pick.event' }
  | { type: 'clock.pause' }
  | { type: 'clock.next' }
  | { type: 'clock.advance'; duration: string }
  | { type: 'clock.speed'; faster: boolean };

export type Intent = { do: Effect } | { set: Action[] } | null;

/** What the views know and keys need. */
export interface Seen {
  /** Lines of the detail, with the container that each opens or closes. */
  detailLines: number;
  foldAtLine: string | null;
  folds: readonly string[];
  helpLines: number;
}

/** Changes the screen's own state. */
export function set(...actions: Action[]): Intent {
  return { set: actions };
}
