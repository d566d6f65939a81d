import { setImmediate as nextTurn } from 'node:timers/promises';
import { CHUNK_BYTES } from '../../store/uploads.ts';

/** What is in a compound file: a Word document, another document behind a password, or something else. */
export type CompoundContent = 'word' | 'encrypted' | 'other';

/**
 * Word, Excel, Outlook and others share one container (Microsoft's [MS-CFB], sections 2.2 to 2.6). A Word
 * document is the one whose directory has a stream called WordDocument ([MS-DOC], section 2.1); DOCX, XLSX and PPTX with
 * a password are in one called EncryptedPackage ([MS-OFFCRYPTO], section 2.3.4.4). Each sector is looked at once, and other
 * work gets its turn in between: the file is a stranger's.
 */
export async function readCompound(file: ChunkedFile): Promise<CompoundContent> {
  const header = readAt(file, 0, 512);
  if (!header) return 'other';
  const shift = header.readUInt16LE(30);
  if (shift !== 9 && shift !== 12) return 'other';
  const sectorBytes = 1 << shift;
  const seen = new Set<number>();
  for (let sector: number | null = header.readUInt32LE(48); sector !== null && sector <= MAX_SECTOR; ) {
    if (seen.has(sector) || seen.size === MAX_DIRECTORY_SECTORS) return 'other';
    seen.add(sector);
    if (seen.size % SECTORS_A_TURN === 0) await nextTurn();
    const directory = readAt(file, offsetOf(sector, sectorBytes), sectorBytes);
    if (!directory) return 'other';
    for (let at = 0; at < sectorBytes; at += ENTRY_BYTES) {
      const entry = directory.subarray(at, at + ENTRY_BYTES);
      if (isStream(entry, WORD)) return 'word';
      if (isStream(entry, ENCRYPTED)) return 'encrypted';
    }
    sector = nextSector(file, header, sector, sectorBytes);
  }
  return 'other';
}

/** A Word document has some dozens of streams, and these have room for 4,096 at least. Ours. */
const MAX_DIRECTORY_SECTORS = 1024;
/** Each is up to three reads from the database, of 64 KiB. */
const SECTORS_A_TURN = 16;
const ENTRY_BYTES = 128;
const MAX_SECTOR = 0xfffffffa;
const STREAM = 2;
const WORD = Buffer.from('WordDocument\0', 'utf16le');
const ENCRYPTED = Buffer.from('EncryptedPackage\0', 'utf16le');
/** Table sectors that the header itself lists; they cover 6.8 MB of small sectors, the rest is chained. */
const IN_HEADER = 109;

function isStream(entry: Buffer, name: Buffer): boolean {
  return entry[66] === STREAM && entry.readUInt16LE(64) === name.length && entry.indexOf(name) === 0;
}

/** Follows the sector table (FAT), whose own sectors the header and the DIFAT sectors list. */
function nextSector(file: ChunkedFile, header: Buffer, sector: number, sectorBytes: number): number | null {
  const perSector = sectorBytes / 4;
  let index = Math.floor(sector / perSector);
  let table: number | undefined;
  if (index < IN_HEADER) {
    table = header.readUInt32LE(76 + index * 4);
  } else {
    index -= IN_HEADER;
    let list = header.readUInt32LE(68);
    for (let skip = Math.floor(index / (perSector - 1)); skip > 0; skip--) {
      const link = list <= MAX_SECTOR && readAt(file, offsetOf(list, sectorBytes) + sectorBytes - 4, 4);
      if (!link) return null;
      list = link.readUInt32LE(0);
    }
    const entry =
      list <= MAX_SECTOR && readAt(file, offsetOf(list, sectorBytes) + (index % (perSector - 1)) * 4, 4);
    if (!entry) return null;
    table = entry.readUInt32LE(0);
  }
  if (table > MAX_SECTOR) return null;
  return readAt(file, offsetOf(table, sectorBytes) + (sector % perSector) * 4, 4)?.readUInt32LE(0) ?? null;
}

function offsetOf(sector: number, sectorBytes: number): number {
  return (sector + 1) * sectorBytes;
}

/** `null` when the file is shorter. */
function readAt(file: ChunkedFile, offset: number, length: number): Buffer | null {
  if (offset + length > file.size) return null;
  const first = Math.floor(offset / CHUNK_BYTES);
  const last = Math.floor((offset + length - 1) / CHUNK_BYTES);
  const parts: Buffer[] = [];
  for (let number = first; number <= last; number++) {
    const chunk = file.chunk(number);
    if (!chunk) return null;
    parts.push(chunk);
  }
  const start = offset - first * CHUNK_BYTES;
  const whole = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  const found = whole.subarray(start, start + length);
  return found.length === length ? found : null;
}

/** A stored file: chunks of `CHUNK_BYTES`, but for the last. */
export interface ChunkedFile {
  size: number;
  chunk(number: number): Buffer | undefined;
}
