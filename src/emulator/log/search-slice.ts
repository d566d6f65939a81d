/** A search of log or deliveries holds the event loop for this many milliseconds at most, apart from one large body. */
export const SLICE_MS = 8;
