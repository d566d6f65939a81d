/** What a receiver answered, for the hint. */
export interface Answered {
  url: string;
  /** What the answer says, in a line. */
  words: string | null;
  /** Whether the answer is shown beside the hint, which then does not quote it. */
  shown?: boolean;
  /** Where a redirect leads, its query hidden. */
  location?: string | null;
  /** What to do about a refused signature; `null` where there is nothing to ask. */
  advice?: string | null;
}

/**
 * What to look at after a status that is not 2xx: what was seen first, then what it may mean, said as such. It quotes what
 * came over the wire: not for a terminal as it is.
 */
export function explainStatus(
  status: number,
  { url, words, shown, location, advice }: Answered,
): string | null {
  if (status >= 200 && status < 300) return null;
  const said = words === null || shown ? '' : ` It says: ${words}`;
  const told = words ?? '';
  const { pathname, search } = URL.canParse(url) ? new URL(url) : { pathname: url, search: '' };
  if (PLAIN_AT_TLS.test(told))
    return `${status}: the server expects TLS on this port. Use https:// in the URL.${said}`;
  if (status === 304) {
    return `304: "not modified" is an answer to a GET. Answer 2xx to a webhook.${said}`;
  }
  if (status >= 300 && status < 400) {
    return `${status}: CarvOS follows no redirect.${describeRedirect(url, location ?? null)}${said}`;
  }
  if (status === 419 || (CSRF.test(told) && status < 500)) {
    const what = CSRF.test(told) ? 'is' : 'seems to be';
    return `${status}: this ${what} a framework's CSRF check, which no webhook can pass. Except this route from it.${said}`;
  }
  if (status === 401) {
    const next = advice ? ` ${advice}` : '';
    return TIME.test(told)
      ? `401: the receiver refuses the webhook.${said}${stop(said)} It seems to be about the time: compare both clocks, and count t in seconds.${next}`
      : `401: most likely another secret than the outgoing secret (CARVOS_OUTGOING_SECRET), or not the raw bytes of the body.${said}${stop(said)}${next}`;
  }
  if (status === 403) {
    return `403: the receiver does not let the request in.${said}${stop(said)} If no code of yours answers so, a CSRF check, a login or a firewall may stand before it.`;
  }
  if (status === 404 || status === 405) {
    const place = `${pathname}${search}`;
    const what = status === 404 ? `nothing answers at ${place}` : `${place} takes no POST`;
    return `${status}: the receiver says that ${what}. Compare the path with its routes.${said}`;
  }
  if (status >= 500) return `${status}: the receiver, or what stands before it, failed; see its log.${said}`;
  return `${status}: the receiver does not accept the event.${said}`;
}

/** nginx, Go, Apache and Node's proxies: plain HTTP came where TLS is spoken. */
const PLAIN_AT_TLS =
  /plain HTTP request was sent to HTTPS|HTTP request to an HTTPS server|plain HTTP to an SSL-enabled/i;
/** Django, Flask, Rails, Spring, Express, Phoenix; Laravel answers 419 "Page Expired". */
const CSRF = /csrf|xsrf|authenticity.?token|page expired/i;
const TIME = /timestamp|too old|expired|stale|in the future|clock|skew|tolerance|replay/i;

function describeRedirect(url: string, location: string | null): string {
  const advice =
    ' Make the webhook URL the final one, often with or without the last slash, or https:// for http://.';
  if (location === null) return advice;
  const to = ` It leads to ${location}.`;
  const path = URL.canParse(location, url) ? new URL(location, url).pathname : '';
  return /\b(?:log-?in|sign-?in|auth|sso)\b/i.test(path)
    ? `${to} That looks like a login: let this route do without one.`
    : `${to} Make that the webhook URL, if it is the receiver.`;
}

function stop(said: string): string {
  return said === '' || /[.!?\u2026]$/.test(said) ? '' : '.';
}
