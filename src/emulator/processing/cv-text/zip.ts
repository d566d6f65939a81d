import { inflateRawSync } from 'node:zlib';
import { UnreadableCv } from './bounds.ts';

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const MAX_COMMENT = 0xffff;
const ENCRYPTED = 1;

interface Entry {
  method: number;
  flags: number;
  packed: number;
  offset: number;
}

/**
 * A ZIP whose parts are unpacked one by one, when asked for, and never beyond `maxBytes` in all: the
 * sizes that the file itself states are not believed.
 *
 * @throws UnreadableCv when it is not a whole ZIP.
 */
export function openZip(bytes: Buffer, maxBytes: number) {
  const entries = readDirectory(bytes);
  let left = maxBytes;
  return {
    names: () => [...entries.keys()],
    has: (name: string) => entries.has(name),
    read(name: string): Buffer {
      const entry = entries.get(name);
      if (!entry) throw new UnreadableCv(`it lacks ${name}`);
      const data = unpack(bytes, entry, left);
      if (data === null) throw new UnreadableCv(`it unpacks to more than ${maxBytes >> 20} MiB`);
      left -= data.length;
      return data;
    },
  };
}

function readDirectory(bytes: Buffer): Map<string, Entry> {
  let end = bytes.length - END_BYTES;
  const first = Math.max(0, end - MAX_COMMENT);
  while (end >= first && bytes.readUInt32LE(end) !== END) end--;
  if (end < first) throw new UnreadableCv('it is broken: the end of the file is missing');
  const count = bytes.readUInt16LE(end + 10);
  const entries = new Map<string, Entry>();
  let at = bytes.readUInt32LE(end + 16);
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== CENTRAL) {
      throw new UnreadableCv('it is broken: its list of parts is damaged');
    }
    const nameLength = bytes.readUInt16LE(at + 28);
    entries.set(bytes.toString('utf8', at + 46, at + 46 + nameLength), {
      flags: bytes.readUInt16LE(at + 8),
      method: bytes.readUInt16LE(at + 10),
      packed: bytes.readUInt32LE(at + 20),
      offset: bytes.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return entries;
}

/** `null` when it is longer than `maxBytes`. */
function unpack(bytes: Buffer, { method, flags, packed, offset }: Entry, maxBytes: number): Buffer | null {
  if (flags & ENCRYPTED) throw new UnreadableCv('it is encrypted');
  if (offset + 30 > bytes.length || bytes.readUInt32LE(offset) !== LOCAL) {
    throw new UnreadableCv('it is broken: a part is not where the file says');
  }
  const start = offset + 30 + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28);
  const data = bytes.subarray(start, start + packed);
  if (method === 0) return data.length > maxBytes ? null : data;
  if (method !== 8) throw new UnreadableCv('it is packed in a way that is not known');
  try {
    return inflateRawSync(data, { maxOutputLength: Math.max(1, maxBytes) });
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') return null;
    throw new UnreadableCv('it is broken: a part cannot be unpacked');
  }
}
