// Put in place of these globals everywhere in the library: what they were when it was loaded (see build.mjs).
const {
  setTimeout: realSetTimeout,
  clearTimeout: realClearTimeout,
  setInterval: realSetInterval,
  clearInterval: realClearInterval,
  setImmediate: realSetImmediate,
  clearImmediate: realClearImmediate,
  queueMicrotask: realQueueMicrotask,
  performance: realPerformance,
  Date: RealDate,
} = globalThis;

export {
  RealDate as Date,
  realClearImmediate as clearImmediate,
  realClearInterval as clearInterval,
  realClearTimeout as clearTimeout,
  realPerformance as performance,
  realQueueMicrotask as queueMicrotask,
  realSetImmediate as setImmediate,
  realSetInterval as setInterval,
  realSetTimeout as setTimeout,
};
