import { expect, onTestFinished, test } from 'vitest';
import type { ChunkedFile } from '../../../src/emulator/gateway/uploads/compound-file.ts';
import { detectType } from '../../../src/emulator/gateway/uploads/detect-type.ts';
import { DOC, fixtureFile, makeZip } from '../../support/uploads.ts';

const CHUNK_BYTES = 64 * 1024;
const MIB = 1024 * 1024;

/** A file in chunks, how often they were read, and how often other work got its turn meanwhile. */
function watched(content: Buffer) {
  let reads = 0;
  let turns = 0;
  let stopped = false;
  const turn = () => {
    turns++;
    if (!stopped) setImmediate(turn);
  };
  setImmediate(turn);
  onTestFinished(() => {
    stopped = true;
  });
  const file: ChunkedFile = {
    size: content.length,
    chunk: (number) => {
      reads++;
      const chunk = content.subarray(number * CHUNK_BYTES, (number + 1) * CHUNK_BYTES);
      return chunk.length === 0 ? undefined : chunk;
    },
  };
  return {
    file,
    get reads() {
      return reads;
    },
    get turns() {
      return turns;
    },
  };
}

/** A compound file of 10 MiB whose directory follows `next` from sector to sector ([MS-CFB], 2.2 and 2.3). */
function compoundFile(next: (sector: number, sectors: number) => number): Buffer {
  const file = Buffer.alloc(10 * MIB);
  Buffer.from('d0cf11e0a1b11ae1', 'hex').copy(file);
  file.writeUInt16LE(9, 30);
  file.writeUInt32LE(0, 48);
  const sectors = 109 * 128;
  for (let table = 0; table < 109; table++) file.writeUInt32LE(table, 76 + table * 4);
  for (let sector = 0; sector < sectors; sector++) {
    file.writeUInt32LE(next(sector, sectors), 512 + sector * 4);
  }
  return file;
}

test('a directory that runs in a circle is read once round', async () => {
  const looked = watched(compoundFile((sector) => (sector + 5) % 20));
  expect((await detectType(looked.file)).type).toBeNull();
  // The type's own bytes and the header; then 4 sectors, each with its place in the table.
  expect(looked.reads).toBeLessThan(20);
});

test('a directory that winds through the whole file is followed so far and no farther, and gives way', async () => {
  const looked = watched(compoundFile((sector, sectors) => (sector + 1291) % sectors));
  expect((await detectType(looked.file)).type).toBeNull();
  expect(looked.reads).toBeLessThan(4096);
  expect(looked.turns).toBeGreaterThan(looked.reads / 64);
});

test('a Word document is still one', async () => {
  expect((await detectType(watched(fixtureFile('cv-nl.doc')).file)).type).toBe(DOC);
});

const entry = (name: string) => ({ name, packed: Buffer.alloc(0), size: 0, crc: 0 });
const local = makeZip([entry('a')]).subarray(0, 31);
/** As `local`, but its sizes come after its data, which never ends. */
const endless = Buffer.from(local);
endless.writeUInt16LE(8, 6);

test.each([
  ['parts without end', Buffer.concat(Array(330_000).fill(local))],
  ['a part that never ends', Buffer.concat([endless, Buffer.alloc(10 * MIB - 31, 0x50)])],
  ['ten thousand parts in its directory', makeZip(Array.from({ length: 10_000 }, (_, i) => entry(`${i}`)))],
  ['a part that states 4 GiB', withStatedSize(0xffff_fff0)],
])('a ZIP with %s is no DOCX, each chunk is read once, and other work gets its turn', async (_what, zip) => {
  const looked = watched(zip);
  expect((await detectType(looked.file)).type).toBeNull();
  const chunks = Math.ceil(zip.length / CHUNK_BYTES);
  expect(looked.reads).toBeLessThanOrEqual(chunks + 1);
  expect(looked.turns).toBeGreaterThanOrEqual(looked.reads - 1);
});

function withStatedSize(bytes: number): Buffer {
  const part = Buffer.from(local);
  part.writeUInt32LE(bytes, 18);
  return Buffer.concat([part, Buffer.alloc(3 * MIB)]);
}

test('what begins as none of the three is looked at no further', async () => {
  const gzip = Buffer.concat([Buffer.from('1f8b08', 'hex'), Buffer.alloc(5 * MIB)]);
  const looked = watched(gzip);
  expect((await detectType(looked.file)).type).toBeNull();
  expect(looked.reads).toBe(1);
});
