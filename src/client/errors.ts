import type { Refusal } from '../contract/control/routes.ts';
import type { ConnectionFailure } from '../transport/connection-failures.ts';

/** What a refusal says: text, or what is wrong with each field. */
export type Detail = Refusal['detail'];

/** The control API answered, but not 2xx. `detail` is what it said: text, or a list of problems. */
export class ControlError extends Error {
  readonly status: number;
  readonly detail: Detail;

  constructor(status: number, detail: Detail) {
    super(`the gateway answered ${status}: ${typeof detail === 'string' ? detail : JSON.stringify(detail)}`);
    this.name = 'ControlError';
    this.status = status;
    this.detail = detail;
  }
}

/** Something answered that is no carvos gateway, or one of another version. `found` says what is odd about it. */
export class ForeignAnswerError extends Error {
  readonly found: string;

  constructor(origin: string, found: string) {
    super(`what answers at ${origin} is not a carvos gateway (or another version)`);
    this.name = 'ForeignAnswerError';
    this.found = found;
  }
}

/** No complete answer came. `hint` says what to do about it. */
export class UnreachableError extends Error {
  readonly code: ConnectionFailure;
  readonly hint: string;

  constructor(code: ConnectionFailure, message: string, hint: string) {
    super(message);
    this.name = 'UnreachableError';
    this.code = code;
    this.hint = hint;
  }
}
