import { fingerprint } from '../../signing/fingerprint.ts';

/** Whether a gateway that shows this ATS has that webhook URL, of which it shows no secrets. */
export function hasWebhookUrl(
  running: { webhook_url_fingerprint: string | null },
  url: string | null,
): boolean {
  const { webhook_url_fingerprint: shown } = running;
  if (url === null || !URL.canParse(url)) return false;
  return fingerprint(new URL(url).href) === shown;
}
