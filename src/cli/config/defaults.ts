import { DEMO } from '../../contract/demo.ts';

export { DEMO, demoWorkspaces } from '../../contract/demo.ts';

export const DEFAULT_PORT = 4010;
export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_DATABASE = '.carvos/carvos.db';
export const DEFAULT_SPEED = 60;
/** Long enough to see that provisioning is asynchronous. */
export const DEFAULT_PROVISIONING_LATENCY_MS = 300;
export const MAX_PROVISIONING_LATENCY_MS = 3_600_000;
/** The emulator's own: undici pools of more connections gain nothing on one machine. */
export const DEFAULT_IN_FLIGHT = { perReceiver: 64, overall: 512 };

/** Whether a secret is one that everybody knows. */
export function isDemoCredential(value: string): boolean {
  return value === DEMO.apiKey || value === DEMO.incomingSecret || value === DEMO.outgoingSecret;
}
