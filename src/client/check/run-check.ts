import { setTimeout } from 'node:timers/promises';
import type { ProbeResult } from '../../contract/check.ts';
import { kindOfFailure } from '../../transport/connection-failures.ts';
import { factsOf } from './catalogue.ts';
import { failed, notJudged, type Probe, type Receiver, StateError, type Verdict } from './probe.ts';
import { type Failure, type ReceiverOptions, watchReceiver } from './receiver.ts';
import { signedRequest } from './requests.ts';

export interface CheckOptions extends ReceiverOptions {
  /** In the order of the catalogue. */
  probes: readonly Probe[];
  /** Called with each probe as it ends. */
  onResult?(result: ProbeResult): void;
}

export interface CheckOutcome {
  results: ProbeResult[];
  /** Why the receiver could not be reached, at the start or later. */
  unreachable: Failure | null;
}

/** How often and how far apart, in milliseconds, a receiver that is gone is tried again: it may be restarting. */
const RETRIES = 4;
const RETRY_PAUSE_MS = 250;

/**
 * Runs probes one after the other. A probe whose `after` failed is not judged; nor is any once the
 * receiver cannot be reached.
 *
 * @throws StateError when the URL of `--state` shows no state at the start.
 */
export async function runCheck(options: CheckOptions): Promise<CheckOutcome> {
  const watched = watchReceiver(options);
  const results: ProbeResult[] = [];
  let unreachable: Failure | null = null;
  if (options.state !== null) await watched.receiver.readState();
  for (const probe of options.probes) {
    const started = performance.now();
    const sent = watched.requests();
    let verdict: Verdict =
      unreachable === null
        ? (blockedBy(probe, results) ?? (await runProbe(probe, watched.receiver)))
        : NOBODY;
    const failure: Failure | null = unreachable === null ? watched.takeFailure() : null;
    // A receiver that is slow is there; at the start one that resets, or does not speak HTTP, is not.
    if (failure !== null && failure.code !== 'timeout') {
      const wasThere = watched.answers() > 0;
      if (!wasThere || (await isGone(watched))) {
        unreachable = failure;
        // Whatever the probe was about: a receiver that is gone after it does not hold.
        verdict = wasThere
          ? failed(...verdict.details, 'after this the receiver could not be reached any more')
          : NOBODY;
      }
    }
    const result: ProbeResult = {
      ...factsOf(probe),
      ...verdict,
      requests: watched.requests() - sent,
      duration_ms: Math.round(performance.now() - started),
    };
    results.push(result);
    options.onResult?.(result);
  }
  return { results, unreachable };
}

const NOBODY = notJudged('the receiver cannot be reached');

async function runProbe(probe: Probe, receiver: Receiver): Promise<Verdict> {
  try {
    return await probe.run(receiver);
  } catch (error) {
    if (error instanceof StateError) return failed(`--state: ${error.message}`);
    throw error;
  }
}

function blockedBy(probe: Probe, results: readonly ProbeResult[]): Verdict | null {
  for (const id of probe.after ?? []) {
    const before = results.find((result) => result.id === id);
    if (before?.outcome === 'failed') return notJudged(`${id} fails: fix that first`);
    if (before?.outcome === 'not_judged') return notJudged(`${id} was not judged`);
  }
  return null;
}

/** Later, one cut connection is an answer of a kind. Whoever refuses the next ones too is gone. */
async function isGone({ receiver, takeFailure }: ReturnType<typeof watchReceiver>): Promise<boolean> {
  for (let tries = 0; tries < RETRIES; tries++) {
    const request = signedRequest(receiver, receiver.fresh(), { body: receiver.ownBodies?.[0] });
    const result = await receiver.post(request, 'a valid webhook');
    takeFailure();
    if (result.ok || kindOfFailure(result.code) !== 'absent') return false;
    await setTimeout(RETRY_PAUSE_MS);
  }
  return true;
}
