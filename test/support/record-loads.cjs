// Given to a child process with NODE_OPTIONS=--require: at its end, appends the URL of every file that it imported or
// required to the file that LOADS_FILE names. The debugger is told of each; hooks would need a thread.
const { appendFileSync } = require('node:fs');
const { Session } = require('node:inspector');
const { pathToFileURL } = require('node:url');

const loaded = new Set();
const session = new Session();
session.connect();
session.on('Debugger.scriptParsed', ({ params }) => {
  if (params.url.startsWith('file:')) loaded.add(params.url);
});
session.post('Debugger.enable');
process.on('exit', () => {
  // What is no script, as JSON and what is compiled, is in the cache alone.
  for (const path of Object.keys(require.cache)) loaded.add(pathToFileURL(path).href);
  appendFileSync(process.env.LOADS_FILE, [...loaded, ''].join('\n'));
});
