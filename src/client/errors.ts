import type { Refusal } from '../contract/control/routes.ts';
import type { ConnectionFailure } from '../transport/connection-failures.ts';

/** What a refusal says: text, or what is wrong with each field. */
export type Detail = Refusal['detail'];

/** The control API answered, but not 2xx. `detail` is what it said: text, or a list of problems. */
export class ControlError extends Error {
  constructor(
    readonly status: number,
    readonly detail: Detail,
  ) {
    super(`the gateway answered ${status}: ${typeof detail === 'string' ? detail : JSON.stringify(detail)}`);
    this.name = 'ControlError';
  }
}

/** Something answered that is no carvos gateway, or one of another version. `found` says what is odd about it. */
export class ForeignAnswerError extends Error {
  constructor(
    origin: string,
    readonly found: string,
  ) {
    super(`what answers at ${origin} is not a carvos gateway (or another version)`);
    this.name = 'ForeignAnswerError';
  }
}

/** No complete answer came. `hint` says what to do about it. */
export class UnreachableError extends Error {
  constructor(
    readonly code: ConnectionFailure,
    message: string,
    readonly hint: string,
  ) {
    super(message);
    this.name = 'UnreachableError';
  }
}
