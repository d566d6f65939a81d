import type { ControlClient } from '../../client/control-client.ts';
import type { AtsAdded } from '../../contract/control/ats.ts';
import type { OutgoingView } from '../../contract/delivery-wait.ts';
import type { StepKind, StepOf } from '../../contract/scenario.ts';
import { CliError } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';
import { readDuration } from '../text/duration.ts';
import type { ScenarioGateway } from './gateway.ts';

/** What the steps of one scenario have in common. */
export interface ScenarioContext {
  /** Its folder is that of the scenario, where relative files begin. */
  io: Io;
  /** Takes what commands would print; a scenario reports for itself. */
  output: Output;
  client: ControlClient;
  gateway: Omit<ScenarioGateway, 'close' | 'environment'>;
  /** Base of the gateway. */
  url: URL;
  /** The ATS of this scenario alone. Rotated credentials are put into it. */
  ats: AtsAdded;
  /** Wall milliseconds that an expectation may take unless its step says otherwise. */
  timeoutMs: number;
  /**
   * Sends nowhere but to loopback and private addresses, starts no command and writes no file: for callers that no
   * person watches.
   */
  localOnly: boolean;
  signal: AbortSignal;
  /** Absolute paths of what steps read or might have read, which `--watch` then looks at. */
  used: Set<string>;
}

export interface StepResult {
  /** What paths of `save` lead into. */
  got: unknown;
  /** One line of what was done. */
  text: string;
  /** The reference to look at. */
  reference: string | null;
}

export type StepRun<K extends StepKind> = (context: ScenarioContext, step: StepOf<K>) => Promise<StepResult>;

/** How long a step may wait, wall milliseconds. */
export function timeoutOf(context: ScenarioContext, { timeout }: { timeout?: string | undefined }): number {
  return timeout === undefined ? context.timeoutMs : readDuration(timeout)!;
}

/** @throws CliError (exit 2) where nobody watches what a step does past this gateway. */
export function refuseWhereUnwatched({ localOnly }: Pick<ScenarioContext, 'localOnly'>, does: string): void {
  if (!localOnly) return;
  throw new CliError(`a step that ${does} is refused here`, { next: 'run the scenario with carvos run' });
}

export function gotDelivery(delivery: OutgoingView): StepResult {
  return {
    got: { ...delivery, delivery_id: delivery.id },
    text: delivery.id,
    reference: delivery.reference_id,
  };
}
