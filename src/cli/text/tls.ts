import type { TlsView } from '../../contract/control.ts';

/** A connection over TLS in one line; its words are the receiver's, so not safe for a terminal. */
export function describeTls({ protocol, problem, certificate }: TlsView): string {
  const version = protocol.replace('TLSv', 'TLS ');
  if (certificate === null) return `${version}, no certificate`;
  const { subject, names, issuer, valid_to } = certificate;
  const who = names.replaceAll('IP Address:', '').replaceAll('DNS:', '') || subject;
  const trust = problem === null ? '' : `, NOT TRUSTED: ${problem}`;
  return `${version}, certificate for ${who} from ${issuer || '?'}, until ${valid_to.slice(0, 10)}${trust}`;
}
