import { existsSync } from 'node:fs';
import { CONNECTION_FAILURES, type ConnectionFailure } from './connection-failures.ts';
import { isLoopbackHost } from './name-lookup.ts';
import { findProxy, readProxyRules } from './proxy.ts';

/** Where this process runs, as far as it changes what `localhost` means. */
export type Surroundings = 'container' | 'wsl' | 'host';

/** Looks for the marks that Docker, Podman and WSL leave. */
export function detectSurroundings(
  env: NodeJS.ProcessEnv = process.env,
  exists: (path: string) => boolean = existsSync,
): Surroundings {
  if (exists('/.dockerenv') || exists('/run/.containerenv')) return 'container';
  return env.WSL_DISTRO_NAME ? 'wsl' : 'host';
}

/** Where a failed connection went, and from where. */
export interface Place {
  url: URL;
  /** What should listen there, where that is known: a command to start it. */
  start?: string;
  surroundings?: Surroundings;
  env?: Readonly<Record<string, string | undefined>>;
}

/** What to do about a failed connection, in one or a few sentences. What is not certain is said so. */
export function explainFailure(code: ConnectionFailure, place: Place): string {
  const { host, hostname } = place.url;
  const port = place.url.port || (place.url.protocol === 'https:' ? '443' : '80');
  const plain = `http://${host}`;
  switch (code) {
    case 'refused':
      return sentences(
        `Nothing listens on ${hostname}:${port}.`,
        place.start === undefined
          ? 'Start the program there, or check the port.'
          : `Start it with ${place.start}, or check the port.`,
        describeElsewhere(place, port),
      );
    case 'refused_family': {
      const other = hostname.startsWith('[') ? '127.0.0.1' : '[::1]';
      return `Nothing listens on ${hostname}:${port}, but something does on ${other}:${port}. Use http://localhost:${port}, which tries both, or let the program listen on both.`;
    }
    case 'reset':
      return sentences(
        `${host} closed the connection before its answer was complete. See what its own log says.`,
        place.url.protocol === 'http:' && `A server that speaks TLS does so too: then use https://.`,
      );
    case 'reset_kept':
      return `${host} closed a connection that was kept open since an earlier attempt. Perhaps it had just given it up as idle: let it keep idle connections longer than a second. Otherwise see what its own log says.`;
    case 'dns':
      return sentences(
        `The name ${hostname} has no address.`,
        describeDockerName(place) ?? 'Check its spelling.',
        describeProxy(place),
      );
    case 'dns_timeout':
      return sentences(
        `No name server said where ${hostname} is, so nothing was sent. Check the network, a VPN and the system's name servers.`,
        describeProxy(place),
      );
    case 'unreachable':
      return sentences(
        `There is no route to ${hostname}. Check the address and the network.`,
        describeProxy(place),
      );
    case 'timeout':
      return sentences(`${host} did not finish its answer in time.`, describeProxy(place));
    case 'tls_plain':
      return `What listens on ${host} does not speak TLS. If it is the right port, use ${plain} in the URL.`;
    case 'tls_untrusted':
      return `The certificate of ${host} is signed by itself or by an authority that is not known here. If it is your own, as mkcert makes them, name the certificate of that authority with --receiver-ca FILE (mkcert: "$(mkcert -CAROOT)/rootCA.pem"); a server must also send the certificates between.`;
    case 'tls_expired':
      return `The certificate of ${host} has expired by this machine's clock. Renew it, and check the clock.`;
    case 'tls_not_yet':
      return `The certificate of ${host} is valid only from a later time by this machine's clock. Check the clock, and the certificate.`;
    case 'tls_name':
      return `The certificate of ${host} does not name ${hostname}. Use a host name that it names, or have one made for ${hostname}.`;
    case 'tls_version':
      return `${host} offers no version of TLS that is taken here: 1.2 and 1.3 are.`;
    case 'tls_client':
      return `${host} wants a certificate of its client (mutual TLS): set receiverCert and receiverKey in the config file.`;
    case 'tls':
    case 'tls_refused':
    case 'tls_closed':
      return `${host}: ${CONNECTION_FAILURES[code].says}. Its own log may say why. Check its certificate, and that it speaks TLS on this port.`;
    case 'tls_at_http':
      return `${host} speaks TLS: use https:// in the URL.`;
    case 'not_http':
      return `What answers on ${host} does not speak HTTP/1.1. Check the port; a server for TLS or HTTP/2 alone answers so as well.`;
    case 'broken_http':
    case 'wrong_length':
    case 'headers_too_large':
      return `${host} answers in HTTP, but not as HTTP/1.1 must be: mend the answer, or what stands before the program.`;
    case 'answer_too_large':
      return `${host} must end its answer: a receiver's is a few bytes.`;
    case 'no_descriptors':
      return 'Nothing was sent. Raise the limit on open files (ulimit -n).';
    case 'failed':
      return `Whether ${host} got it is not known: see its own log.`;
  }
}

function sentences(...parts: (string | null | undefined | false)[]): string {
  return parts.filter(Boolean).join(' ');
}

/** What else the name can mean than the one who wrote it thought. */
function describeElsewhere({ url, surroundings, ...place }: Place, port: string): string | null {
  const { hostname } = url;
  if (DOCKER_NAME.test(hostname)) return describeDockerName({ url, surroundings });
  if (!isLoopbackHost(hostname)) return describeProxy({ url, ...place });
  switch (surroundings ?? detectSurroundings()) {
    case 'container':
      return `Inside a container, ${hostname} is the container itself: to reach a program on the host, use host.docker.internal:${port} (on Linux start the container with --add-host=host.docker.internal:host-gateway).`;
    case 'wsl':
      return `Inside WSL, ${hostname} is the Linux side: to reach a program on Windows, use host.docker.internal:${port} (with Docker Desktop) or the address that "ip route show default" names, and let that program listen on all addresses.`;
    case 'host':
      return /.\.localhost\.?$/i.test(hostname)
        ? `carvos takes every name below localhost for this machine, whatever a hosts file or name server says.`
        : null;
  }
}

const DOCKER_NAME = /^(?:host|gateway)\.(?:docker|containers)\.internal$/i;

function describeDockerName({ url, surroundings }: Place): string | null {
  if (!DOCKER_NAME.test(url.hostname)) return null;
  return (surroundings ?? detectSurroundings()) === 'container'
    ? `On Linux it needs --add-host=${url.hostname}:host-gateway when the container is started.`
    : `It is a name for use inside a container; outside of one, this machine is localhost.`;
}

/** A variable that names a proxy for this target, which is heeded only where that is asked for. */
function describeProxy({ url, env = process.env }: Pick<Place, 'url' | 'env'>): string | null {
  const rules = readProxyRules(env);
  const found = rules && findProxy(rules, url);
  return found && `${found.variable} is set, and carvos goes through that proxy only with --proxy.`;
}
