import { connect } from 'node:net';
import { limitTime } from './limit-time.ts';
import { isLoopbackHost, lookUpOf } from './name-lookup.ts';

const LIMIT_MS = 500;

/**
 * Whether something listens at the port of a URL. On loopback the system refuses at once where nothing does: who is silent has
 * more connections than it takes.
 *
 * @param host asked instead of the URL's own: a name, or an address without brackets.
 */
export function isListening(
  { hostname, port, protocol }: URL,
  host: string = hostname.replace(/^\[|\]$/g, ''),
): Promise<boolean> {
  return new Promise((resolve) => {
    const known = isLoopbackHost(host) ? lookUpOf(host) : {};
    const socket = connect({ host, port: Number(port || (protocol === 'https:' ? 443 : 80)), ...known });
    const callOff = limitTime(LIMIT_MS, () => end(isLoopbackHost(host)));
    const end = (listens: boolean) => {
      callOff();
      socket.destroy();
      resolve(listens);
    };
    socket.on('connect', () => end(true));
    socket.on('error', () => end(false));
  });
}

/**
 * Whether something listens on the loopback address of the other family: many development servers listen on one of
 * the two alone. Asked when a literal address refused; the name localhost stands for both.
 */
export async function listensOnOtherLoopback(url: URL): Promise<boolean> {
  const host = OTHER[url.hostname];
  return host !== undefined && (await isListening(url, host));
}

const OTHER: Record<string, string> = { '127.0.0.1': '::1', '[::1]': '127.0.0.1' };
