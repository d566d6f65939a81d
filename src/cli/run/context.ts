import type { ControlClient } from '../../client/control-client.ts';
import type { AtsAdded } from '../../contract/control/ats.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';

/** What the steps of one scenario have in common. */
export interface ScenarioContext {
  io: Io;
  /** Takes what commands would print; a scenario reports for itself. */
  output: Output;
  client: ControlClient;
  /** Base of the gateway. */
  url: URL;
  token: string;
  /** The ATS of this scenario alone. Rotated credentials are put into it. */
  ats: AtsAdded;
  /** Where relative files of the scenario begin. */
  folder: string;
  /** Wall milliseconds that an expectation may take unless its step says otherwise. */
  timeoutMs: number;
  /** Sends nowhere but to loopback and private addresses, and starts no command: for callers that no person watches. */
  localOnly: boolean;
  signal: AbortSignal;
}

/** What a step got, for expectations and saved values. */
export interface StepResult {
  /** What paths of `save` lead into. */
  got: unknown;
  /** One line of what was done. */
  text: string;
  /** The reference to look at. */
  reference: string | null;
}
