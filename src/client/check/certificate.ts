import { isIP } from 'node:net';
import { connect, type DetailedPeerCertificate } from 'node:tls';
import { classifyFailure } from '../../transport/connection-failures.ts';
import { lookUpOf } from '../../transport/name-lookup.ts';
import {
  connectionOptions,
  type ReceiverTls,
  readTlsFacts,
  type TlsFacts,
  USUAL_TLS,
} from '../../transport/receiver-tls.ts';

/** What a receiver shows at a handshake. */
export interface Shown extends TlsFacts {
  /** Names from the receiver's own certificate to the authority's, as far as they are known. */
  chain: string[];
}

/**
 * Makes one handshake, and sends nothing.
 *
 * @returns the receiver's certificate; or why there was no handshake, in words.
 */
export function readShown(
  url: URL,
  tls: ReceiverTls = USUAL_TLS,
  timeoutMs: number,
): Promise<Shown | string> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const socket = connect({
      ...connectionOptions(tls),
      host,
      port: Number(url.port || 443),
      servername: isIP(host) ? '' : host,
      ...lookUpOf(host),
      ALPNProtocols: ['http/1.1'],
    });
    const end = (result: Shown | string) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(timeoutMs, () => end(`no handshake within ${timeoutMs} ms`));
    socket.on('error', (error) => end(classifyFailure(error).message));
    socket.on('secureConnect', () =>
      end({ ...readTlsFacts(socket), chain: namesOf(socket.getPeerCertificate(true)) }),
    );
  });
}

function namesOf(leaf: DetailedPeerCertificate): string[] {
  const names: string[] = [];
  // The authority's own is its own issuer.
  for (let one: DetailedPeerCertificate | undefined = leaf; one?.subject; one = one.issuerCertificate) {
    const { CN, O } = one.subject;
    names.push([CN ?? O ?? '?'].flat().join(', '));
    if (one.issuerCertificate === one) break;
  }
  return names;
}
