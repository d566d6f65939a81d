import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { watchProgram } from './program.ts';
import type { Child } from './warm-program.ts';

test('who waits for what is printed on one stream finds what was printed on the other before', async () => {
  const [stdout, stderr] = [new EventEmitter(), new EventEmitter()];
  const streams = { stdin: new PassThrough(), stdout, stderr };
  const child: Child = Object.assign(new EventEmitter(), streams, {
    kill: () => child.emit('close', null, 'SIGTERM'),
  });
  const program = watchProgram(child, 'a program');
  const waiting = program.waitForText('ready').then(() => program.stdout);
  // The system tells of two pipes in any order.
  setImmediate(() => stderr.emit('data', Buffer.from('ready')));
  setImmediate(() => stdout.emit('data', Buffer.from('before')));
  expect(await waiting).toBe('before');
});
