// What a test suite's fake timers replace, as it was when the library was loaded. Copied into dist/ (see build.mjs).
const NAMES = [
  'clearImmediate',
  'clearInterval',
  'clearTimeout',
  'Date',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'setInterval',
  'setTimeout',
];

module.exports = {
  globals: Object.fromEntries(NAMES.map((name) => [name, globalThis[name]])),
  timers: { ...require('node:timers') },
  promises: { ...require('node:timers/promises') },
};
