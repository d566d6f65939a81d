// What a test suite's fake timers replace, as it was when the library was loaded. A file of its own in dist/, which all bundles of the library share.
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
