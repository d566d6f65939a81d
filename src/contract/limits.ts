/** Sizes and times that the contract fixes. Bytes and milliseconds. */

const KIB = 1024;
const MIB = 1024 * KIB;
const HOUR = 3_600_000;

/** Schedule seconds per real second. Ours: a slower clock has no date for the next attempt, a faster one is `max`. */
export const SLOWEST_SPEED = 0.001;
export const FASTEST_SPEED = 1_000_000;
export const SPEED_WORDS = 'a number from 0.001 to 1000000, "max" or "manual"';

/** Longest request body; over it 413 (contract, section 3). */
export const MAX_BODY_BYTES = MIB;

/** Deepest nesting of objects and arrays in a body; over it 422 (contract, section 3). */
export const MAX_JSON_DEPTH = 128;
/** The same of what is read besides: an outgoing event holds what came, one level deeper, and a rule may put it deeper. Ours. */
export const MAX_READ_DEPTH = 2 * MAX_JSON_DEPTH;

/** Longest identifier, in Unicode code points, as pydantic counts (contract, introduction). */
export const MAX_ID_LENGTH = 255;

/** Most problems that one 422 lists; the last one then says how many were left out. Ours: bounds the answer. */
export const MAX_PROBLEMS = 100;

/** Most entries in a list such as `skills`. Ours: bounds the work of checking them. */
export const MAX_LIST_LENGTH = 1000;

/** Limit on a receiver's whole answer (contract, section 5, delivery). */
export const RECEIVER_TIMEOUT_MS = 5_000;

/** Attempts in flight at once. Ours: undici pools of more connections gain nothing on one machine. */
export const IN_FLIGHT = { perReceiver: 64, overall: 512 };

/** Age at which a record of the delivery log is deleted (contract, section 6). */
export const LOG_RETENTION_MS = 7 * 24 * HOUR;

/** Longest body that the delivery log shows (contract, section 6; for requests the same cap is ours). */
export const LOGGED_BODY_CAP = 64 * KIB;

/** Longest file by `POST /uploads`; over it 413 (contract, section 4). */
export const MAX_UPLOAD_BYTES = 10 * MIB;

/** When a file that nothing references expires (contract, section 4: 72 h in the documented examples). */
export const UPLOAD_EXPIRY_MS = 72 * HOUR;

/** Longest name of an uploaded file, in characters; longer ones are cut. Ours. */
export const MAX_FILE_NAME_LENGTH = 255;

/** Largest snapshot that is read or saved. Ours: a week of 100,000 events a day with their bodies stays below it. */
export const MAX_SNAPSHOT_BYTES = 4 * 1024 * MIB;
