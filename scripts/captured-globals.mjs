// Put in place of these globals everywhere in the library: what they were when it was loaded (see build/gateway.mjs).
import captured from 'captured-timers';

export const {
  clearImmediate,
  clearInterval,
  clearTimeout,
  performance,
  queueMicrotask,
  setImmediate,
  setInterval,
  setTimeout,
} = captured.globals;

const RealDate = captured.globals.Date;

export { RealDate as Date };
