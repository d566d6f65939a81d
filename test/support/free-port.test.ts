import { expect, test } from 'vitest';
import { spawnProgram } from './program.ts';
import { freePort } from './receiver.ts';

/** So many of 12,000 that chance alone gives some of them twice. */
const EACH = 300;

/** Asks for ports in a process of its own, as `freePort` does, and keeps what it was given. */
const OTHER = `
const dgram = require('node:dgram');
let left = 12000, taken = [];
for (let port = 20000; port < 32000; port++) {
  const claim = dgram.createSocket('udp4');
  const end = () => --left === 0 && console.log(JSON.stringify(taken));
  claim.once('error', () => { taken.push(port); end(); }).bind({ port, address: '127.0.0.1', exclusive: true }, () => claim.close(end));
}
`;

test('a free port is given out once, also while other processes ask', async () => {
  const ports = await Promise.all(Array.from({ length: EACH }, freePort));
  expect(new Set(ports).size).toBe(EACH);
  // Whoever asks elsewhere cannot have them.
  const other = spawnProgram(process.execPath, ['-e', OTHER]);
  const { stdout } = await other.ended;
  expect(JSON.parse(stdout)).toEqual(expect.arrayContaining(ports));
});
