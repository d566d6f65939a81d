import { PROBE_FACTS, PROBES } from '../../client/check/catalogue.ts';
import type { Probe } from '../../client/check/probe.ts';
import { ACCEPTS_VALID } from '../../client/check/probes/acceptance.ts';
import { offering } from '../input/flags.ts';
import { CliError, didYouMean } from '../terminal/errors.ts';

const TITLES = Object.fromEntries(PROBE_FACTS.map(({ id, title }) => [id, title]));

/** Collects `--only` and `--skip`: ids after commas, and the flag repeated. */
export function probeIds(flag: string): (text: string, before: string[] | undefined) => string[] {
  const known = PROBE_FACTS.map(({ id }) => id);
  return offering(TITLES, (text: string, before: string[] | undefined) => {
    const ids = text.split(',').map((id) => id.trim());
    for (const id of ids) {
      if (known.includes(id)) continue;
      throw new CliError(`${flag}: there is no probe ${JSON.stringify(id)}.${didYouMean(id, known)}`, {
        next: 'carvos check --list shows the probes',
      });
    }
    return [...(before ?? []), ...ids];
  });
}

/**
 * The probes that run. The first one always does: what refuses a valid webhook would pass most others.
 *
 * @throws CliError (exit 2) for a choice that leaves nothing to judge.
 */
export function selectProbes(only: string[] | undefined, skip: string[] | undefined): Probe[] {
  if (skip?.includes(ACCEPTS_VALID)) {
    throw new CliError(`--skip: ${ACCEPTS_VALID} always runs, since nothing can be judged without it`, {
      next: 'leave it out',
    });
  }
  const both = only?.find((id) => skip?.includes(id));
  if (both !== undefined) throw new CliError(`${both} is in --only and in --skip`, { next: 'leave one out' });
  return PROBES.filter(({ id }) => isChosen(id, only, skip));
}

/** Whether a probe is one of those that `--only` and `--skip` leave. */
export function isChosen(id: string, only: string[] | undefined, skip: string[] | undefined): boolean {
  return id === ACCEPTS_VALID || ((only === undefined || only.includes(id)) && !(skip ?? []).includes(id));
}
