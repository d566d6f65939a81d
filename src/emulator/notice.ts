import { monotonicNow } from './clock.ts';
import type { Journal } from './journal.ts';
import { storageTrouble } from './store/storage-trouble.ts';

/** The same text is told once in this time: a full disk makes everything under way say the same. */
const REPEAT_AFTER_MS = 5000;

/** What is done about trouble with the database. */
type Remedies = Record<NonNullable<ReturnType<typeof storageTrouble>>, (error: unknown) => void>;

/** Tells whoever listens of an error that the gateway survives, and does what there is to do about it. */
export function createErrorNotice(journal: Journal, remedies: Remedies): (error: unknown) => void {
  let last = { text: '', at: Number.NEGATIVE_INFINITY };
  return (error) => {
    const trouble = storageTrouble(error);
    if (trouble !== null) remedies[trouble](error);
    const text = error instanceof Error ? error.message : String(error);
    const at = monotonicNow();
    if (text === last.text && at - last.at < REPEAT_AFTER_MS) return;
    last = { text, at };
    journal.publish(() => ({ type: 'notice', level: 'error', text }));
  };
}
