import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readNamedFile } from '../../src/cli/input/pem-files.ts';
import { readWhole } from '../../src/files/read-whole.ts';
import { readCertificates } from '../../src/transport/authorities.ts';
import { tempFolder } from '../support/folder.ts';

function makePipe(): string {
  const pipe = join(tempFolder(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  return pipe;
}

test('a pipe that nobody writes to is waited for no longer than two seconds, whoever reads', () => {
  const pipe = makePipe();
  expect(() => readNamedFile(pipe, '--receiver-ca')).toThrow(
    '--receiver-ca: cannot read the file: nothing came out of the pipe within 2 s',
  );
  expect(readCertificates(pipe)).toEqual([]);
});

test('a pipe is read to its end, and no further than the limit', () => {
  const pipe = makePipe();
  const give = (bytes: number) => {
    // Both ends at once, so that nobody waits.
    const both = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    writeSync(both, Buffer.alloc(bytes, 'x'));
    return both;
  };
  const held = give(60_000);
  // Somebody has it open still, and the limit is passed.
  expect(() => readWhole(pipe, 0.05)).toThrow('it is larger than 0.05 MiB');
  closeSync(held);
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  closeSync(give(5));
  expect(readWhole(pipe, 1).toString()).toBe('xxxxx');
  closeSync(reader);
});

test('a device holds nothing, and neither a folder nor a file that is too large is read', () => {
  const folder = tempFolder({ full: Buffer.alloc(1024 * 1024), more: Buffer.alloc(1024 * 1024 + 1) });
  expect(readWhole('/dev/zero', 1)).toHaveLength(0);
  expect(readWhole(join(folder, 'full'), 1)).toHaveLength(1024 * 1024);
  expect(() => readWhole(join(folder, 'more'), 1)).toThrow('it is larger than 1 MiB');
  expect(() => readNamedFile(folder, '--tls-cert')).toThrow('it is a folder');
});
