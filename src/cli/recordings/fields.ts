/** An object out of somebody's JSON. */
export type Fields = Record<string, unknown>;

export function asFields(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null ? (value as Fields) : null;
}

export function stringField(fields: Fields | null, name: string): string | null {
  const value = fields?.[name];
  return typeof value === 'string' ? value : null;
}

/** Whether a text is an object or a list in JSON. */
export function isJsonText(text: string): boolean {
  try {
    return asFields(JSON.parse(text)) !== null;
  } catch {
    return false;
  }
}
