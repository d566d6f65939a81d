import { findProxy, type ProxyRules } from '../../transport/proxy.ts';
import { type AttemptResult, NO_ANSWER } from '../delivery/send-attempt.ts';
import { LOGGED_REQUEST, logRequestHeaders, outgoingHeaders } from '../log/attempt-headers.ts';
import type { ClaimedDelivery } from '../store/claims.ts';
import type { UnsignedAttempt } from './faulty-sender.ts';
import type { WithReplays } from './parts.ts';

/** An attempt that is ready to be sent, or the reason why none is made. */
export type Prepared =
  | {
      ok: true;
      url: string;
      unsigned: UnsignedAttempt;
      /** What the log keeps of its headers, as JSON. */
      logged: string;
    }
  | { ok: false; url: string; result: AttemptResult };

/** URL, secret and headers are those in force at the attempt (contract, section 5). */
export function prepareAttempt(parts: WithReplays, delivery: ClaimedDelivery, startedAt: number): Prepared {
  const settings = parts.settings();
  const ats = parts.registry.get(delivery.ats_id);
  const own = ats ? parts.registry.webhookUrl(ats) : null;
  const url = delivery.target_url ?? own;
  const secret = ats?.secrets.outgoing[0]?.value;
  if (url === null) return refuse('', 'no_webhook_url', 'the ATS has no webhook URL');
  // Of an ATS that the configuration does not know, after a snapshot that was saved without secrets.
  if (secret === undefined)
    return refuse(url, 'no_outgoing_secret', 'the ATS has no outgoing secret to sign with: rotate it');
  const isBuiltIn = url === settings.fallbackWebhookUrl;
  if (settings.strictHttps && !isBuiltIn && !/^https:/i.test(url))
    return refuse(
      url,
      'https_required',
      'production delivers to https:// only, and --strict-https does the same',
    );
  // They open the way to one receiver, so they go to no other. An ATS that a scenario added may have the same one.
  const configured =
    settings.ats.find(({ id }) => id === delivery.ats_id) ??
    settings.ats.find(({ id }) => parts.registry.get(id)?.webhook_url === own);
  const extra = delivery.target_url === null && !isBuiltIn ? configured?.receiverHeaders : undefined;
  const eventHeader = settings.facts?.eventHeader;
  const named = eventHeader === undefined ? undefined : { [eventHeader]: delivery.event };
  return {
    ok: true,
    url,
    unsigned: {
      url,
      headers: { ...outgoingHeaders(delivery, url, eventHeader), ...extra },
      body: delivery.body,
      timeoutMs: settings.receiverTimeoutMs,
      proxy: proxyFor(settings.receiverProxy, url),
      tls: parts.replayTls.get(delivery.id) ?? settings.receiverTls,
      secret,
      timestamp: Math.floor(startedAt / 1000),
      fixedSignature: delivery.fixed_signature,
    },
    logged: extra || named ? logRequestHeaders(Object.keys(extra ?? {}), named) : LOGGED_REQUEST,
  };
}

/** What is no URL gets nowhere. */
function proxyFor(rules: ProxyRules | undefined, url: string): URL | null {
  return rules && URL.canParse(url) ? (findProxy(rules, new URL(url))?.url ?? null) : null;
}

function refuse(url: string, code: string, message: string): Prepared {
  return { ok: false, url, result: { ...NO_ANSWER, error: { code, message } } };
}
