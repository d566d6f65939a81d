import { createHash } from 'node:crypto';
import type { FaultOptions } from '../../emulator/settings.ts';

/** Attempts of one delivery that the mix spoils at most: the schedule has five, so every event can still arrive. */
const MOST_SPOILED = 3;

/**
 * The faults of one round, by its seed: what a receiver meets in a bad week. All of them are ones that a right receiver
 * and the retries get over, so that whatever is lost in the end, the receiver lost.
 */
export function mixOf(seed: number): FaultOptions[] {
  const draw = (name: string, from: number, to: number) => from + (to - from) * chance(seed, name);
  const share = (name: string, most: number) => Math.round(draw(name, 0.02, most) * 100) / 100;
  const outage: FaultOptions[] =
    chance(seed, 'outage') < 0.5
      ? []
      : [
          {
            id: 'soak-outage',
            kind: 'status-503',
            first: 2,
            count: Math.round(draw('outage-length', 2, 20)),
          },
        ];
  return [
    ...outage,
    { id: 'soak-lost-ack', kind: 'lost-ack', share: share('lost-ack', 0.2), first: MOST_SPOILED },
    { id: 'soak-reset', kind: 'reset', share: share('reset', 0.1), first: MOST_SPOILED },
    { id: 'soak-503', kind: 'status-503', share: share('status-503', 0.15), first: MOST_SPOILED },
    { id: 'soak-duplicate', kind: 'duplicate', share: share('duplicate', 0.2) },
    { id: 'soak-reorder', kind: 'reorder', share: share('reorder', 0.3), delayMs: 200 },
    { id: 'soak-delay', kind: 'delay', share: share('delay', 0.1), delayMs: 100 },
  ];
}

/** 0 to 1, the same for the same seed and name. */
function chance(seed: number, name: string): number {
  const hash = createHash('sha256')
    .update(JSON.stringify(['soak', seed, name]))
    .digest();
  return hash.readUIntBE(0, 6) / 2 ** 48;
}
