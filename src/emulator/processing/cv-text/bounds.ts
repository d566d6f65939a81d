/** How much a CV may cost, so that no file can stop the gateway. All ours. */

/** Longest text that is kept of a CV, in UTF-16 code units: some eighty pages. */
export const MAX_TEXT_LENGTH = 200_000;

/** Most bytes that the parts of one DOCX may unpack to. */
export const MAX_UNPACKED_BYTES = 16 * 1024 * 1024;

/** Most pages of a PDF that are read. */
export const MAX_PAGES = 200;

/** What reading a file gave: its text, or why there is none; `ours` where the file has no part in that. */
export type CvText = { text: string; problem: null } | { text: null; problem: string; ours?: true };

/** A reason that a reader of `score_reasons` understands; thrown by whoever finds it. */
export class UnreadableCv extends Error {}

/** The first message of the thread: all that is needed for reading is there. */
export const READY = 'ready';
