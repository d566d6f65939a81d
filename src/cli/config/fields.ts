import type { AiConfig } from '../../contract/ai-rule.ts';
import type { ConfigFault } from '../../contract/fault-rule.ts';
import { FASTEST_SPEED, SLOWEST_SPEED } from '../../contract/limits.ts';
import type { Settings } from '../../emulator/settings.ts';
import { parseDuration } from '../input/duration.ts';
import { DEFAULT_IN_FLIGHT, MAX_PROVISIONING_LATENCY_MS } from './defaults.ts';

/** What the fields of the config file may hold: each gives the value, or `undefined` for what is none. */

/** Whether a parsed JSON value is an object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const asText = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
export const asFaults = (value: unknown) => (Array.isArray(value) ? (value as ConfigFault[]) : undefined);
export const asAi = (value: unknown) => (isRecord(value) ? (value as AiConfig) : undefined);
export const asSeed = (value: unknown) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
export const asTexts = (value: unknown) =>
  Array.isArray(value) && value.every((item) => typeof item === 'string') ? (value as string[]) : undefined;
export const asPort = (value: unknown) =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65_535
    ? (value as number)
    : undefined;
export const asSpeed = (value: unknown): Settings['speed'] | undefined =>
  value === 'max' ||
  value === 'manual' ||
  (typeof value === 'number' && value >= SLOWEST_SPEED && value <= FASTEST_SPEED)
    ? value
    : undefined;
export const asStrict = (value: unknown) =>
  value === 'production' || value === 'local' ? value === 'production' : undefined;
export const asUnprovisioned = (value: unknown): Settings['unprovisioned'] | undefined =>
  value === 'reject' || value === 'fail-later' ? value : undefined;

export function asLatency(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    const ms = Math.round(parseDuration(value, 'provisioningLatency'));
    return ms <= MAX_PROVISIONING_LATENCY_MS ? ms : undefined;
  } catch {
    return undefined;
  }
}

export function asInFlight(value: unknown): { perReceiver: number; overall: number } | undefined {
  if (!isRecord(value)) return undefined;
  const { perReceiver, overall } = { ...DEFAULT_IN_FLIGHT, ...value };
  const holds = [perReceiver, overall].every((bound) => Number.isInteger(bound) && bound >= 1);
  return holds ? { perReceiver, overall } : undefined;
}

export function asTimeout(value: unknown): number | null | undefined {
  if (value === 'off') return null;
  if (typeof value !== 'string') return undefined;
  try {
    const ms = parseDuration(value, 'receiverTimeout');
    return ms > 0 ? ms : undefined;
  } catch {
    return undefined;
  }
}
