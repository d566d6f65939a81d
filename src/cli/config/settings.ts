import { resolve } from 'node:path';
import type { ConfigFault } from '../../contract/fault-rule.ts';
import { MAX_FAULT_DELAY_MS } from '../../contract/faults.ts';
import type { AiOptions, FaultOptions, Settings } from '../../emulator/settings.ts';
import { parseDuration } from '../input/duration.ts';
import { CliError } from '../terminal/errors.ts';
import { requireCredentials } from './ats.ts';
import type { Config } from './load.ts';
import { receiverHeaders } from './receiver-tls.ts';

/**
 * What a running emulator takes from a configuration.
 *
 * @throws CliError (exit 2) when a secret is not set.
 */
export function emulatorSettings(config: Config): Settings {
  return {
    ats: config.ats.map((ats) => ({
      id: ats.id,
      name: ats.name,
      webhookUrl: ats.webhookUrl,
      ...requireCredentials(ats),
      workspaces: ats.workspaces,
      receiverHeaders: receiverHeaders(ats),
    })),
    unprovisioned: config.unprovisioned,
    receiverTimeoutMs: config.receiverTimeoutMs,
    strictHttps: config.strictHttps,
    speed: config.speed,
    provisioningLatencyMs: config.provisioningLatencyMs,
    fallbackWebhookUrl: null,
    faults: config.faults.map(faultOptions),
    seed: config.seed,
    ai: aiOptions(config),
    facts: config.facts,
  };
}

const MAX_RULE_DELAY_MS = 3_600_000;

/**
 * What the config file says of the AI. Relative paths start beside it.
 *
 * @throws CliError (exit 2) for a duration out of range.
 */
export function aiOptions(config: Config): AiOptions {
  const { rules, timeout, callbackTimeout, backoff, secret, ...rest } = config.ai;
  const ms = (text: string | undefined, name: string) => {
    if (text === undefined) return undefined;
    const value = Math.round(parseDuration(text, name));
    // Longer ones do not fit into a timer.
    if (value > 0 && value <= 24 * MAX_RULE_DELAY_MS) return value;
    throw new CliError(`the config file: ${name} is ${text}`, { next: 'give one above 0 and at most 24h' });
  };
  const path = (name: string | undefined) => (name === undefined ? undefined : resolve(config.folder, name));
  return {
    ...rest,
    module: path(rest.module),
    record: path(rest.record),
    playback: path(rest.playback),
    timeoutMs: ms(timeout, 'ai.timeout'),
    callbackTimeoutMs: ms(callbackTimeout, 'ai.callbackTimeout'),
    backoffMs: ms(backoff, 'ai.backoff'),
    rules: rules?.map(({ delay, ...rule }, index) => ({
      ...rule,
      delayMs: ms(delay, `ai.rules[${index}].delay`),
    })),
  };
}

/** The config file's names, with durations read. */
function faultOptions({ delay, ...rest }: ConfigFault): FaultOptions {
  return { ...rest, delayMs: delay === undefined ? undefined : faultDelay(delay) };
}

function faultDelay(text: string): number {
  const ms = Math.round(parseDuration(text, 'delay'));
  if (ms > 0 && ms <= MAX_FAULT_DELAY_MS) return ms;
  throw new CliError(`the config file: the delay of a fault is ${text}`, {
    next: 'give one above 0 and at most 10m',
  });
}
