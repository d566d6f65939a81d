import { DEMO } from '../../contract/demo.ts';

export const DEFAULT_PORT = 4010;

/** Whether a secret is one that everybody knows. */
export function isDemoCredential(value: string): boolean {
  return value === DEMO.apiKey || value === DEMO.incomingSecret || value === DEMO.outgoingSecret;
}
