// Given to a child process with NODE_OPTIONS=--require: appends the URL of every file that it imports or
// requires to the file that LOADS_FILE names.
const { appendFileSync } = require('node:fs');
const { register } = require('node:module');
const { pathToFileURL } = require('node:url');

const file = process.env.LOADS_FILE;
const hooks = `
  import { appendFileSync } from 'node:fs';
  export async function load(url, context, next) {
    if (url.startsWith('file:')) appendFileSync(${JSON.stringify(file)}, url + '\\n');
    return await next(url, context);
  }`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
process.on('exit', () => {
  for (const path of Object.keys(require.cache)) appendFileSync(file, `${pathToFileURL(path)}\n`);
});
