import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { candidateCreated, type DevProcess, postWebhook } from '../../support/dev-process.ts';
import { tempFolder } from '../../support/folder.ts';

export const WORKSPACE = {
  clientId: 'acme-corp',
  name: 'Acme Corp',
  members: [{ userId: 'admin-user', name: 'Admin', email: 'admin@acme.example' }],
};

export const OWN = { apiKey: 'key-1', incomingSecret: 'in-1', outgoingSecret: 'out-1' };
export const TWO_ATS = { ats: [{ id: 'demo-ats' }, { id: 'other', ...OWN }] };

/** A config file in a folder of its own; `change` writes it anew as editors do, whole or not at all. */
export function configFolder(ats: Record<string, unknown> = {}, top: Record<string, unknown> = {}) {
  const folder = tempFolder();
  const path = join(folder, 'carvos.config.json');
  const write = (text: string) => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };
  const change = (atsNow: Record<string, unknown> = {}, topNow: Record<string, unknown> = {}) => {
    const one = { id: 'demo-ats', workspaces: [WORKSPACE], ...ats, ...atsNow };
    write(JSON.stringify({ ...top, ...topNow, ats: [one] }, null, 2));
  };
  change();
  return { folder, path, write, change };
}

export function said(dev: DevProcess): string {
  return dev.program.stdout + dev.program.stderr;
}

export async function statusOf(
  dev: DevProcess,
  id: string,
  secret?: string,
  rest: Record<string, unknown> = {},
) {
  return (await postWebhook(dev, candidateCreated(id, rest), secret)).status;
}
