import type { WorkspaceOptions } from '../../emulator/options.ts';

/** What holds without any file: `carvos dev` in an empty folder, and every command beside it. */
export const DEMO = {
  atsId: 'demo-ats',
  atsName: 'Demo ATS',
  apiKey: 'demo-api-key',
  incomingSecret: 'demo-incoming-secret',
  outgoingSecret: 'demo-outgoing-secret',
  aiSecret: 'demo-ai-secret',
  clientId: 'acme-corp',
  userId: 'admin-user',
} as const;

export const DEFAULT_PORT = 4010;
export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_DATABASE = '.carvos/carvos.db';
export const DEFAULT_SPEED = 60;
/** Long enough to see that provisioning is asynchronous. */
export const DEFAULT_PROVISIONING_LATENCY_MS = 300;
export const MAX_PROVISIONING_LATENCY_MS = 3_600_000;
/** The emulator's own: undici pools of more connections gain nothing on one machine. */
export const DEFAULT_IN_FLIGHT = { perReceiver: 64, overall: 512 };

export function demoWorkspaces(): WorkspaceOptions[] {
  return [
    {
      clientId: DEMO.clientId,
      name: 'Acme Corp',
      members: [{ userId: DEMO.userId, name: 'Admin User', email: 'admin@acme.example' }],
    },
  ];
}

/** Whether a secret is one that everybody knows. */
export function isDemoCredential(value: string): boolean {
  return value === DEMO.apiKey || value === DEMO.incomingSecret || value === DEMO.outgoingSecret;
}
