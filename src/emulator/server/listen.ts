import { X509Certificate } from 'node:crypto';
import { type AddressInfo, createServer, isIP, type Server } from 'node:net';

/**
 * Listens, on any free port for 0.
 *
 * @returns the port, and the URL that a program on this machine reaches it by.
 * @throws the listener's error (`EADDRINUSE` …).
 */
export async function listen(
  server: Server,
  { port, host, tls }: { port: number; host: string; tls?: { cert: string } },
): Promise<{ port: number; url: string }> {
  const name = tls ? certifiedHost(reachableHost(host), tls.cert) : reachableHost(host);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const taken = (server.address() as AddressInfo).port;
  return {
    port: taken,
    url: `${tls ? 'https' : 'http'}://${isIP(name) === 6 ? `[${name}]` : name}:${taken}`,
  };
}

/** @throws the listener's error, where a port that is asked for cannot be had. */
export async function tryPort(place: { port: number; host: string }): Promise<void> {
  if (place.port === 0) return;
  const server = createServer((socket) => socket.destroy());
  await listen(server, place);
  await new Promise((resolve) => server.close(resolve));
}

/** What stands in `Host` where somebody asks for the address, or by the name, that is listened on. */
export function hostListenedOn(host: string): string {
  const name = reachableHost(host);
  const written = `http://${isIP(name) === 6 ? `[${name}]` : name}`;
  return URL.canParse(written) ? new URL(written).hostname : name;
}

/** Nobody can connect to "any address". */
function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

/** A name that the certificate is for: the address itself where it can be, or what its owner calls this machine. */
function certifiedHost(host: string, pem: string): string {
  const certificate = new X509Certificate(pem);
  const fits = (name: string) =>
    isIP(name) ? certificate.checkIP(name) !== undefined : certificate.checkHost(name) !== undefined;
  const own = /DNS:([\w.-]+)/.exec(certificate.subjectAltName ?? '')?.[1];
  return [host, 'localhost', '127.0.0.1', '::1'].find(fits) ?? own ?? host;
}
