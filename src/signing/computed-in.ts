/** The value that a receiver says it computed: 64 hex digits in its answer that are not the signature itself. */
export function computedIn(answer: Uint8Array, signature: string | null): string | null {
  const text = Buffer.from(answer).toString('latin1');
  const values = text.match(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/gi) ?? [];
  return values.find((value) => signature?.includes(value) !== true) ?? null;
}
