import { hash } from 'node:crypto';

/** A secret's short fingerprint: enough to tell two apart, useless for getting it back. */
export function fingerprint(secret: string): string {
  return `sha256:${hash('sha256', secret).slice(0, 8)}`;
}

/** Whether a gateway that shows this ATS has that webhook URL, of which it shows no secrets. */
export function hasWebhookUrl(
  running: { webhook_url_fingerprint: string | null },
  url: string | null,
): boolean {
  const { webhook_url_fingerprint: shown } = running;
  if (url === null || shown === null || !URL.canParse(url)) return url === shown;
  return fingerprint(new URL(url).href) === `sha256:${shown}`;
}
