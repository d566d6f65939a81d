import { neutralize } from '../cli/terminal/neutralize.ts';
import type { LogRecordDetail } from '../contract/control.ts';
import { SIGNATURE_HEADER } from '../signing/header.ts';

/**
 * A command for a POSIX shell that sends the recorded request again, with the recorded signature; `null` where a
 * line to paste cannot hold it (`carvos deliveries show ID --curl` can). An API key is left to the shell.
 */
export function curlOf({ direction, request }: LogRecordDetail, gateway: string): string | null {
  const { method, headers, signature, body } = request;
  const sent = neutralize(body.text) === body.text && body.encoding === 'utf8' && !body.truncated;
  if (!sent || (direction === 'outgoing' && !URL.canParse(request.url))) return null;
  const { pathname, search } = new URL(request.url, gateway);
  const url = direction === 'incoming' ? `${gateway}${pathname}${search}` : request.url;
  const fields = Object.entries(headers).filter(([name]) => !/^(host|content-length|x-api-key)$/i.test(name));
  if (signature !== null) fields.push([SIGNATURE_HEADER, signature]);
  if (Object.keys(headers).some((name) => /^x-api-key$/i.test(name))) fields.push(['X-API-Key', '']);
  const lines = [
    `curl -sS -i -X ${method} ${quote(url)}`,
    ...fields.map(
      ([name, value]) => `-H ${value === '' ? `"${name}: $CARVOS_API_KEY"` : quote(`${name}: ${value}`)}`,
    ),
    ...(body.bytes === 0 ? [] : [`--data-raw ${quote(body.text)}`]),
  ];
  return lines.join(' \\\n  ');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
