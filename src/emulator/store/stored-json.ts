import { parseJson } from '../../contract/json.ts';

/**
 * An object that was stored as JSON. It was checked on its way in: that it parses is an invariant, and
 * an Error otherwise.
 */
export function readStoredJson(json: Uint8Array | string): Record<string, unknown> {
  const parsed = parseJson(typeof json === 'string' ? Buffer.from(json) : json);
  if (!parsed.ok) throw new Error(`stored JSON does not parse: ${parsed.problem.msg}`);
  return parsed.value as Record<string, unknown>;
}
