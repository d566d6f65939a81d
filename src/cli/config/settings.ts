import { resolve } from 'node:path';
import { MAX_FAULT_DELAY_MS } from '../../contract/faults.ts';
import type { AiOptions, Settings } from '../../emulator/settings.ts';
import { parseDuration } from '../input/flags.ts';
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
  const { unprovisioned, receiverTimeoutMs, strictHttps, speed, provisioningLatencyMs, seed, facts } = config;
  return {
    ...{ unprovisioned, receiverTimeoutMs, strictHttps, speed, provisioningLatencyMs, seed, facts },
    ats: config.ats.map((ats) => ({
      ...ats,
      ...requireCredentials(ats),
      receiverHeaders: receiverHeaders(ats),
    })),
    fallbackWebhookUrl: null,
    faults: config.faults.map(({ delay, ...rest }) => ({
      ...rest,
      delayMs: readDelay(delay, 'the delay of a fault', MAX_FAULT_DELAY_MS, '10m'),
    })),
    ai: aiOptions(config),
  };
}

/** Longer ones do not fit into a timer. */
const MAX_AI_DELAY_MS = 24 * 3_600_000;

/**
 * What the config file says of the AI. Relative paths start beside it.
 *
 * @throws CliError (exit 2) for a duration out of range.
 */
function aiOptions(config: Config): AiOptions {
  const { rules, timeout, callbackTimeout, backoff, secret, ...rest } = config.ai;
  const ms = (text: string | undefined, name: string) => readDelay(text, name, MAX_AI_DELAY_MS, '24h');
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

/** @param most in milliseconds, and in words. */
function readDelay(text: string | undefined, name: string, most: number, words: string): number | undefined {
  if (text === undefined) return undefined;
  const ms = Math.round(parseDuration(text, name));
  if (ms > 0 && ms <= most) return ms;
  throw new CliError(`the config file: ${name} is ${text}`, {
    next: `give one above 0 and at most ${words}`,
  });
}
