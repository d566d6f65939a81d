export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** When a UUID v7 was made, from its first 48 bits; `null` for other ids. */
export function timeOfReference(id: string): string | null {
  if (UUID.exec(id)?.[1] !== '7') return null;
  return new Date(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toISOString();
}
