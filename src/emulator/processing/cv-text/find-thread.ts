import { findBuilt } from '../../../files/find-built.ts';

/** The built thread that reads CVs; `null` where it is missing. */
export function findThread(): string | null {
  return findBuilt('cv-text-thread.mjs');
}
