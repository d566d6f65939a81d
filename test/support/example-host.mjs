// Serves example receivers from one process, since Node and Express start once then: `NAME listening on URL` for each.
import { basename } from 'node:path';

const log = console.log;
for (const file of process.argv.slice(2)) {
  await new Promise((resolve) => {
    console.log = (line) => resolve(log(`${basename(file, '.mjs')} ${line}`));
    void import(file);
  });
}
console.log = log;
