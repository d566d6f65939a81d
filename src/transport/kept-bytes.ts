/** What a second piece makes room for at least; further ones double it. */
const LEAST_BYTES = 1024;

/**
 * The beginning of what comes in pieces, in one buffer: a list of pieces costs about a hundred bytes for each, so
 * a body sent byte by byte took a hundred times its size.
 */
export class KeptBytes {
  readonly #limit: number;
  #buffer = Buffer.alloc(0);
  #length = 0;

  /** @param limit bytes that are kept; the rest is left out. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(piece: Uint8Array): void {
    const length = Math.min(this.#limit, this.#length + piece.length);
    if (length > this.#buffer.length) this.#grow(length);
    this.#buffer.set(piece.subarray(0, length - this.#length), this.#length);
    this.#length = length;
  }

  /** What was kept; it shares memory with what is added later. */
  take(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #grow(length: number): void {
    // Most bodies come in one piece: that one is copied as it is.
    const size = this.#length === 0 ? length : Math.max(length, LEAST_BYTES, this.#buffer.length * 2);
    const larger = Buffer.allocUnsafe(Math.min(this.#limit, size));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}

/** All that comes; `null` when it is longer than the limit: then it is not read to its end. */
export async function readBounded(pieces: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer | null> {
  const kept = new KeptBytes(limit);
  let length = 0;
  for await (const piece of pieces) {
    length += piece.length;
    if (length > limit) return null; // leaving the loop ends the stream
    kept.add(piece);
  }
  return kept.take();
}
