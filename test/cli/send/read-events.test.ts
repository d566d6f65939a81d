import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { openNdjson } from '../../../src/cli/send/read-events.ts';
import { createIo } from '../../../src/cli/terminal/io.ts';

test('a line that is too long is one also where it begins with nothing but spaces', async () => {
  const stdin = Readable.from([Buffer.alloc(16 * 1024 * 1024 + 1, ' '), Buffer.from('{}\n \n{}')]);
  const io = Object.defineProperty(createIo(), 'stdin', { value: stdin });
  const lines: [number, string, boolean][] = [];
  for await (const { number, bytes, tooLong } of openNdjson(io, '-').lines)
    lines.push([number, bytes.toString(), tooLong]);
  expect(lines).toEqual([
    [1, '', true],
    [3, '{}', false],
  ]);
});
