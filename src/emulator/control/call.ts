import type { Request, Response } from 'express';
import type { ControlAnswer, JsonCall, ParsedCall } from '../../contract/control/routes.ts';
import type { CallName } from '../../contract/control.ts';

/** One call as its handler gets it. */
export interface Call<N extends CallName> extends ParsedCall<N> {
  request: Request;
  response: Response;
  /** Aborted when nobody waits for the answer any more. */
  signal: AbortSignal;
}

/** The answer without its version; `null` where nobody is there to read it. */
type Reply<N extends JsonCall> = Omit<ControlAnswer<N>, 'version'> | null;

/** What one call does. One whose answer is not JSON writes it itself. */
export type Handler<N extends CallName> = N extends JsonCall
  ? (call: Call<N>) => Reply<N> | Promise<Reply<N>>
  : (call: Call<N>) => void | Promise<void>;

/** Handlers for these calls. A refusal is thrown (`Refused`). */
export type Handlers<N extends CallName = CallName> = { [K in N]: Handler<K> };
/** Handlers for a part of the table. */
export type HandlersOf<Table> = Handlers<Extract<keyof Table, CallName>>;
