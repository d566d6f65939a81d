/** What holds without any configuration: `carvos dev` in an empty folder, and every command beside it. */
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

/** The demo ATS's one workspace with its one member; a fresh copy each time. */
export function demoWorkspaces() {
  return [
    {
      clientId: DEMO.clientId as string,
      name: 'Acme Corp',
      members: [{ userId: DEMO.userId as string, name: 'Admin User', email: 'admin@acme.example' }],
    },
  ];
}
