import { connect } from 'node:net';

const LIMIT_MS = 500;

/**
 * Whether something takes a connection at the port of a URL.
 *
 * @param host asked instead of the URL's own: a name, or an address without brackets.
 */
export function isListening(
  { hostname, port, protocol }: URL,
  host: string = hostname.replace(/^\[|\]$/g, ''),
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port || (protocol === 'https:' ? 443 : 80)) });
    const end = (listens: boolean) => {
      socket.destroy();
      resolve(listens);
    };
    socket.setTimeout(LIMIT_MS, () => end(false));
    socket.on('connect', () => end(true));
    socket.on('error', () => end(false));
  });
}
