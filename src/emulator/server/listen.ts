import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Listens, on any free port for 0.
 *
 * @returns the port, and the URL that a program on this machine reaches it by.
 * @throws the listener's error (`EADDRINUSE` …).
 */
export async function listen(
  server: Server,
  port: number,
  host: string,
): Promise<{ port: number; url: string }> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const taken = (server.address() as AddressInfo).port;
  return { port: taken, url: `http://${reachableHost(host)}:${taken}` };
}

/** Nobody can connect to "any address". */
function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
