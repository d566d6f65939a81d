import { findBuilt } from '../../find-built.ts';

/** The built thread that reads CVs; `null` where it is missing. */
export function findThread(): string | null {
  return findBuilt('cv-text-thread.mjs');
}
