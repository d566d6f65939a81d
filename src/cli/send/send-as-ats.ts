import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { encode } from '../events/body.ts';
import { durationFlag, oneOf } from '../input/flags.ts';
import { CliError } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput, type GlobalOptions } from '../terminal/output.ts';
import { runUntilSignal } from './interruption.ts';
import { prepareSending } from './prepare-sending.ts';
import { sendOne } from './send-one.ts';
import { type Sending, VIAS } from './sender.ts';

export interface ViaFlags {
  atsId?: string;
  via?: Sending['via'];
  wait?: boolean;
  timeout?: number;
}

/** The options of a command that can also go the way of production. */
export function addViaOptions(command: Command): Command {
  return command
    .option('--ats-id <id>', 'which ATS, if there are several')
    .option(
      '--via <how>',
      'webhook or rest: ask the gateway as your ATS does, and events follow',
      oneOf('--via', VIAS),
    )
    .option('--wait', 'with --via: wait for what the request causes')
    .option('--timeout <duration>', 'with --wait: how long (default: 30s)', durationFlag('--timeout'));
}

/** A request, whichever way it goes. */
export interface AtsRequest {
  event: 'workspace.created' | 'workspace.member_added';
  clientId: string;
  /** Fields of the webhook's body besides the envelope. */
  fields: Record<string, unknown>;
}

/**
 * Sends a request as the ATS does, where `--via` asks for it: signed webhook or REST call, answered with 202, the rest later.
 *
 * @returns whether it was asked for.
 * @throws CliError (exit 2) for `--wait` without it: what is done at once causes nothing to wait for.
 */
export async function sendAsAts(
  io: Io,
  command: Command,
  { via, atsId, wait, timeout = 30_000 }: ViaFlags,
  { event, clientId, fields }: AtsRequest,
): Promise<boolean> {
  if (via === undefined) {
    if (wait !== true) return false;
    throw new CliError('--wait needs --via: otherwise it is done at once, and no event follows', {
      next: 'add --via webhook or --via rest',
    });
  }
  const { config } = command.optsWithGlobals<GlobalOptions>();
  const { sending, admit } = await prepareSending(io, createOutput(io, command), {
    via,
    atsId,
    config,
    wait: wait === true ? { until: null, expectations: [] } : null,
    timeout,
  });
  const value = { event, event_id: `evt-${randomUUID()}`, client_id: clientId, ...fields };
  await admit(false);
  await runUntilSignal(io, (signals) =>
    sendOne({ ...sending, ...signals }, { bytes: encode(value), sample: false, file: null, value }),
  );
  return true;
}
