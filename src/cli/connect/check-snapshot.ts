import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const HEADER_BYTES = 100;
const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');

/**
 * What is wrong with a file that should be a whole SQLite database; `null` when it is one by its header and its
 * length (https://www.sqlite.org/fileformat2.html, section 1.3). Nothing in it is opened.
 *
 * @throws the file system's error.
 */
export function findSnapshotProblem(path: string): string | null {
  const header = Buffer.alloc(HEADER_BYTES);
  const file = openSync(path, 'r');
  try {
    const length = readSync(file, header, 0, HEADER_BYTES, 0);
    if (length < HEADER_BYTES || !header.subarray(0, MAGIC.length).equals(MAGIC))
      return 'the snapshot is not a SQLite file';
    const pageSize = header.readUInt16BE(16);
    const bytes = (pageSize === 1 ? 65_536 : pageSize) * header.readUInt32BE(28);
    const { size } = fstatSync(file);
    return size === bytes ? null : `the snapshot has ${size} bytes, and says that it has ${bytes}`;
  } finally {
    closeSync(file);
  }
}
