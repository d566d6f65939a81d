// Loaded before a program: it is killed in the moment in which it would put its file in place.
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');

const { renameSync } = fs;
fs.renameSync = (from, to) => {
  if (new RegExp(process.env.KILL_AT).test(to)) process.kill(process.pid, 'SIGKILL');
  return renameSync(from, to);
};
syncBuiltinESMExports();
