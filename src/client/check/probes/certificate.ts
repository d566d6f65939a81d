import { undocumented } from '../documented.ts';
import { failed, notJudged, type Probe, passed } from '../probe.ts';

const DAY_MS = 24 * 3_600_000;
/** Who renews in time has more than this left, or a third of the whole for certificates of a few weeks. */
const LEAST_DAYS = 30;

export const certificate: Probe = {
  id: 'certificate',
  level: 'advisory',
  title: 'The certificate is trusted and will be for a while',
  why: 'CarvOS delivers over HTTPS. On the day on which a certificate ends, every delivery fails until it is renewed.',
  documented: undocumented('the URL of a webhook has to begin with https://'),
  fix: 'Renew the certificate and let a program do that, and send its whole chain (fullchain.pem).',
  live: true,
  async run(receiver) {
    const shown = await receiver.readShown();
    if (shown === null)
      return notJudged('the URL begins with http://, and production delivers over HTTPS only');
    if (typeof shown === 'string') return failed(shown);
    const { problem, protocol, certificate: own, chain } = shown;
    if (own === null) return failed('it shows no certificate');
    const ends = Date.parse(own.valid_to);
    const days = Math.floor((ends - Date.now()) / DAY_MS);
    const whole = (ends - Date.parse(own.valid_from)) / DAY_MS;
    const facts = [
      `${protocol.replace('TLSv', 'TLS ')}, ${chain.join(' ← ')}`,
      `it ends in ${days} ${days === 1 ? 'day' : 'days'}, on ${own.valid_to.slice(0, 10)}`,
    ];
    if (problem !== null) return failed(`it is not trusted: ${problem}`, ...facts);
    return days < Math.min(LEAST_DAYS, whole / 3) ? failed(...facts.reverse()) : passed(...facts);
  },
};
