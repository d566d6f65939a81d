// A process that runs the built program again and again: each call finds its own arguments, folder, environment and
// standard input, and ends when nothing is left to do, as in a process of its own. What ends the process ends this one.
'use strict';
const { closeSync, openSync, ReadStream, unlinkSync, writeFileSync } = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const endMark = `\0${process.argv[2]}`;
const EMITTERS = [process, process.stdout, process.stderr];
const TERMINAL = { isTTY: true, columns: 80, rows: 24 };
let before = null;

process.on('disconnect', () => process.exit());
process.on('message', (message) => {
  if (message === 'still there?') process.send('yes');
  else call(message);
});

function call({ program, args, cwd, env, input, terminal }) {
  // What waits for the next call keeps no program alive.
  process.channel.unref();
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) if (!Object.hasOwn(env, name)) delete process.env[name];
  Object.assign(process.env, env);
  process.argv.splice(1, Number.POSITIVE_INFINITY, program, ...args);
  // What is older than its process is judged by the call.
  const begun = performance.now();
  process.uptime = () => (performance.now() - begun) / 1000;
  // The lowest free descriptor is given out: 0 again.
  const inputFile = join(tmpdir(), `carvos-test-input-${process.pid}`);
  writeFileSync(inputFile, input);
  try {
    closeSync(0);
  } catch {
    // The call before closed it.
  }
  if (openSync(inputFile, 'r') !== 0) throw new Error('standard input is another descriptor than 0');
  unlinkSync(inputFile);
  const stdin = new ReadStream(null, { fd: 0, autoClose: false });
  Object.defineProperty(process, 'stdin', { configurable: true, get: () => stdin });
  if (terminal) for (const stream of [process.stdout, process.stderr]) Object.assign(stream, TERMINAL);
  before = EMITTERS.map(listenersOf);
  // What runs as it is loaded is loaded anew; what that loads is kept, as an addon can be loaded once only.
  for (const { filename } of require.cache[program]?.children ?? []) delete require.cache[filename];
  delete require.cache[program];
  require(program);
}

// Nothing is left to do: here a process of its own would end.
process.on('beforeExit', () => {
  if (before === null) return;
  for (const leave of added(process, before[0], 'exit')) leave(process.exitCode ?? 0);
  for (const [index, emitter] of EMITTERS.entries())
    for (const name of emitter.eventNames())
      for (const listener of added(emitter, before[index], name)) emitter.removeListener(name, listener);
  for (const stream of [process.stdout, process.stderr])
    for (const name of Object.keys(TERMINAL)) delete stream[name];
  before = null;
  // A connection that is kept for a next request ends with its process.
  http.globalAgent.destroy();
  https.globalAgent.destroy();
  const ended = `${endMark}${String(process.exitCode ?? 0).padStart(3)}`;
  process.exitCode = undefined;
  process.channel.ref();
  process.stdout.write(ended);
  process.stderr.write(ended);
});

function listenersOf(emitter) {
  return new Map(emitter.eventNames().map((name) => [name, emitter.listeners(name)]));
}

function added(emitter, known, name) {
  return emitter.listeners(name).filter((listener) => !known.get(name)?.includes(listener));
}
