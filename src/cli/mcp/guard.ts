import { maskUrl } from '../../contract/mask-url.ts';
import { findGateway } from '../connect/find-gateway.ts';
import { whyElsewhere } from '../connect/guard-target.ts';
import { CliError } from '../terminal/errors.ts';
import type { Session } from './tool.ts';

/**
 * Keeps a program that decides for itself on this machine and private networks: the gateway that is asked, and before
 * anything is sent every receiver that the gateway or the config file may send to. There is no `--live` here.
 *
 * @throws CliError (exit 2).
 */
export async function guardTargets(
  { io, config, withClient }: Pick<Session, 'io' | 'config' | 'withClient'>,
  writes: boolean,
): Promise<void> {
  const gateway = findGateway(io, config, undefined);
  await requireLocal(gateway.url.href, `the gateway (${gateway.origin})`);
  if (!writes) return;
  for (const { id, webhookUrl } of config.ats) {
    if (webhookUrl !== null) await requireLocal(webhookUrl, `the webhook URL of ${id}`);
  }
  if (gateway.token === null) return;
  const { ats } = await withClient((client) => client.status());
  for (const { id, webhook_url } of ats) {
    if (webhook_url !== null) await requireLocal(webhook_url, `the webhook URL of ${id}`);
  }
}

async function requireLocal(url: string, what: string): Promise<void> {
  const elsewhere = await whyElsewhere(new URL(url));
  if (elsewhere === null) return;
  throw new CliError(`${what} ${elsewhere}`, {
    where: maskUrl(url),
    next: 'carvos mcp sends nowhere else; a person can, with the commands and --live',
  });
}
