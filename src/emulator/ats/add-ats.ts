import { randomBytes } from 'node:crypto';
import type * as z from 'zod';
import type { AtsAdded, AtsRequest } from '../../contract/control/ats.ts';
import { refused } from '../../contract/errors.ts';
import { maskUrl } from '../../contract/mask-url.ts';
import { webhookPath } from '../../contract/paths.ts';
import type { AtsOptions } from '../settings.ts';
import { type AtsRegistry, newCredential } from './registry.ts';

/**
 * Adds an ATS with fresh credentials and one provisioned workspace: the isolated tenant of a test worker.
 * It is gone with the next reset.
 *
 * @returns what was made, credentials included.
 * @throws RefusedError when the id is taken, or there is none whose secrets it shall have.
 */
export function addAts(
  registry: AtsRegistry,
  request: z.output<typeof AtsRequest>,
  url: string,
): Omit<AtsAdded, 'version'> {
  const id = request.id ?? `ats-${randomBytes(6).toString('hex')}`;
  if (registry.get(id)) throw refused('ats_exists');
  const like = request.secrets_of === undefined ? undefined : registry.get(request.secrets_of);
  if (request.secrets_of !== undefined && !like) throw refused('unknown_ats');
  const { client_id, user_id, webhook_url = like?.webhook_url ?? null } = request;
  const ats: AtsOptions = {
    id,
    name: request.name ?? id,
    webhookUrl: webhook_url,
    apiKey: newCredential(),
    incomingSecret: like?.secrets.incoming[0]?.value ?? newCredential(),
    outgoingSecret: like?.secrets.outgoing[0]?.value ?? newCredential(),
    workspaces: [
      {
        clientId: client_id,
        name: client_id,
        members: [{ userId: user_id, name: user_id, email: `${encodeURIComponent(user_id)}@example.com` }],
      },
    ],
  };
  registry.add(ats);
  return {
    id,
    name: ats.name,
    webhook_url: webhook_url && maskUrl(webhook_url),
    api_key: ats.apiKey,
    incoming_secret: ats.incomingSecret,
    outgoing_secret: ats.outgoingSecret,
    client_id,
    user_id,
    url,
    incoming_url: `${url}${webhookPath(id)}`,
  };
}
