import { X509Certificate } from 'node:crypto';
import type { RequestOptions } from 'node:http';
import { isIP, type Socket } from 'node:net';
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { listPublicAuthorities } from './authorities.ts';
import { isLocalAddress } from './local-address.ts';
import { openTunnel } from './proxy.ts';

/** How a receiver's certificate is judged, and what it is shown of ours. All PEM. */
export interface ReceiverTls {
  /** Certificates that are trusted beside the public authorities. */
  ca?: readonly string[];
  /** Of the client, for a receiver that asks for one. */
  cert?: string;
  key?: string;
  /** Loopback and private addresses may show a certificate that is not trusted. */
  insecure?: boolean;
}

export interface TlsFacts {
  /** `TLSv1.3`. */
  protocol: string;
  /** Node's code of what is wrong with the certificate; `null` where it is trusted. */
  problem: string | null;
  certificate: CertificateFacts | null;
}

export interface CertificateFacts {
  subject: string;
  issuer: string;
  /** Those that it is for: `DNS:localhost, IP Address:127.0.0.1`. */
  names: string;
  /** ISO 8601. */
  valid_from: string;
  valid_to: string;
  /** SHA-256. */
  fingerprint: string;
}

/** A certificate is not trusted. `code` is Node's. */
export class CertificateError extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

/** The usual rules: the public authorities, and no certificate of ours. */
export const USUAL_TLS: ReceiverTls = {};

const contexts = new WeakMap<ReceiverTls, SecureContext>();

/**
 * Made once for each: reading a hundred and fifty authorities takes longer than a handshake.
 *
 * @throws the error of OpenSSL for a certificate or key that is none, or that do not fit each other.
 */
function contextOf(tls: ReceiverTls): SecureContext {
  let context = contexts.get(tls);
  if (!context) {
    const { ca, cert, key } = tls;
    context = createSecureContext({
      cert,
      key,
      ...(ca && {
        ca: [...listPublicAuthorities(), ...ca],
        // The certificate that a browser saves is the receiver's own, not that of its authority.
        allowPartialTrustChain: true,
      }),
    });
    contexts.set(tls, context);
  }
  return context;
}

/** What OpenSSL says against these certificates and the key; `null` where they can be used. */
export function findTlsProblem(tls: ReceiverTls): string | null {
  try {
    for (const one of tls.ca ?? []) new X509Certificate(one);
    contextOf(tls);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** For the agent of `node:https`, which judges by itself. */
export function agentOptions(tls: ReceiverTls | undefined): { secureContext?: SecureContext } {
  return tls === undefined ? {} : { secureContext: contextOf(tls) };
}

/** For `connect`: whoever uses it has to ask `judgeConnection` before anything is sent. */
export function connectionOptions(tls: ReceiverTls): ConnectionOptions {
  // Judged by us, so that the certificate is known where it is refused; and without sessions, since of a
  // session that is taken up again Node does not compare the name.
  return { secureContext: contextOf(tls), rejectUnauthorized: false };
}

/**
 * What is wrong with a connection whose handshake has just ended; `null` where it may be used.
 *
 * @param host as in the URL, without brackets.
 * @param isDirect whether the address at the other end is the receiver's, and no proxy's.
 */
export function judgeConnection(
  socket: TLSSocket,
  tls: ReceiverTls,
  host: string,
  isDirect = true,
): CertificateError | null {
  if (socket.authorized) return null;
  if (tls.insecure && isDirect && isLocalAddress(socket.remoteAddress ?? '')) return null;
  const code = problemOf(socket) ?? 'CERT_UNTRUSTED';
  const text = describeProblem(code, host, socket.getPeerCertificate());
  const limit = tls.insecure ? '; certificates go unchecked at loopback and private addresses only' : '';
  return new CertificateError(`${text}${limit}`, code);
}

/** To be asked while the connection is open. */
export function readTlsFacts(socket: TLSSocket): TlsFacts {
  const certificate = socket.getPeerCertificate();
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    problem: problemOf(socket),
    certificate: certificate?.raw ? readCertificate(certificate) : null,
  };
}

function readCertificate(certificate: PeerCertificate): CertificateFacts {
  return {
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    names: certificate.subjectaltname ?? '',
    valid_from: new Date(certificate.valid_from).toISOString(),
    valid_to: new Date(certificate.valid_to).toISOString(),
    fingerprint: certificate.fingerprint256,
  };
}

/**
 * A connection that is judged before a request gets it, for one request of `node:https`.
 *
 * @param tell called at the end of the handshake, whatever the judgement.
 * @param proxy what it goes through.
 * @returns what the request is made with, and `abandon` for when it is given up: it may not have the socket yet.
 */
export function openJudged(
  tls: ReceiverTls = USUAL_TLS,
  tell: (facts: TlsFacts) => void = () => {},
  proxy: URL | null = null,
): { request: Pick<RequestOptions, 'createConnection' | 'defaultPort'>; abandon(): void } {
  let end = () => {};
  const createConnection: RequestOptions['createConnection'] = (options, callback) => {
    const host = options.host ?? 'localhost';
    const shake = (socket?: Socket) => {
      const made = connect({
        ...(options as ConnectionOptions),
        ...connectionOptions(tls),
        socket,
        servername: isIP(host) ? '' : host,
        ALPNProtocols: ['http/1.1'],
      });
      end = () => void made.destroy();
      const fail = (error: Error) => callback(error, made);
      made.once('error', fail);
      made.once('secureConnect', () => {
        tell(readTlsFacts(made));
        const refused = judgeConnection(made, tls, host, proxy === null);
        if (refused !== null) return void made.destroy(refused);
        made.off('error', fail);
        callback(null, made);
      });
    };
    if (proxy === null) shake();
    else {
      end = openTunnel(proxy, host, options.port ?? 443, (error, socket) => {
        if (error) callback(error, socket as never);
        else shake(socket);
      });
    }
    // Handed over by the callback.
    return undefined;
  };
  // Without an agent Node takes port 80, for HTTPS as well.
  return { request: { createConnection, defaultPort: 443 }, abandon: () => end() };
}

/** Node's types say `Error`, Node says the code. */
function problemOf(socket: TLSSocket): string | null {
  return socket.authorized ? null : String(socket.authorizationError as unknown as string);
}

function describeProblem(code: string, host: string, certificate: PeerCertificate): string {
  const found: Record<string, string | undefined> = {
    CERT_HAS_EXPIRED: `the receiver's own is valid until ${certificate.valid_to}`,
    CERT_NOT_YET_VALID: `the receiver's own is valid from ${certificate.valid_from}`,
    DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
    SELF_SIGNED_CERT_IN_CHAIN: 'its chain ends in an authority that is not trusted',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its authority is neither known nor sent along',
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is neither known nor sent along',
    ERR_TLS_CERT_ALTNAME_INVALID:
      code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? checkServerIdentity(host, certificate)?.message : undefined,
  };
  const what = found[code];
  return what === undefined ? code : `${what} (${code})`;
}

function nameOf(name: PeerCertificate['subject'] | undefined): string {
  const { CN, O } = name ?? {};
  return [CN ?? O ?? ''].flat().join(', ');
}
