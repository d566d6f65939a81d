import { existsSync } from 'node:fs';
import type { Refusal } from '../contract/control/routes.ts';
import { CertificateError } from '../transport/receiver-tls.ts';

/**
 * Why no complete answer came: the connection was `refused` or `reset`, the name has no address
 * (`dns`), no name server said which (`dns_timeout`), the certificate or handshake failed (`tls`), the time was up (`timeout`), there is no route
 * (`unreachable`), or what answered does not speak HTTP (`protocol`).
 */
export type ConnectionFailure =
  | 'refused'
  | 'reset'
  | 'dns'
  | 'dns_timeout'
  | 'tls'
  | 'timeout'
  | 'unreachable'
  | 'protocol'
  | 'too_large';

/** What a refusal says: text, or what is wrong with each field. */
export type Detail = Refusal['detail'];

/** The control API answered, but not 2xx. `detail` is what it said: text, or a list of problems. */
export class ControlError extends Error {
  readonly status: number;
  readonly detail: Detail;

  constructor(status: number, detail: Detail) {
    super(`the emulator answered ${status}: ${typeof detail === 'string' ? detail : JSON.stringify(detail)}`);
    this.name = 'ControlError';
    this.status = status;
    this.detail = detail;
  }
}

/** Something answered that is no carvos gateway, or one of another version. `found` says what is odd about it. */
export class ForeignAnswerError extends Error {
  readonly found: string;

  constructor(origin: string, found: string) {
    super(`what answers at ${origin} is not a carvos gateway (or another version)`);
    this.name = 'ForeignAnswerError';
    this.found = found;
  }
}

/** No complete answer came. `hint` says what to do about it. */
export class UnreachableError extends Error {
  readonly code: ConnectionFailure;
  readonly hint: string;

  constructor(code: ConnectionFailure, message: string, hint: string) {
    super(message);
    this.name = 'UnreachableError';
    this.code = code;
    this.hint = hint;
  }
}

const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|ERR_OSSL|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/;

/** Sorts an error of `node:http`, `node:https` or `node:net` into a kind. */
export function classifyConnectionError(error: unknown): ConnectionFailure {
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'ENOTFOUND') return 'dns';
  if (code.startsWith('EAI_')) return 'dns_timeout';
  if (code === 'ETIMEDOUT' || code === 'ESOCKETTIMEDOUT') return 'timeout';
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'EADDRNOTAVAIL') return 'unreachable';
  if (code === 'EPROXY') return 'unreachable';
  if (error instanceof CertificateError || TLS_CODE.test(code)) return 'tls';
  if (code.startsWith('HPE_')) return 'protocol';
  return 'reset';
}

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

const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i;

/** Whether a URL's host name is this machine's loopback. */
export function isLoopbackHost(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}

/** One sentence on what to do about a failed connection to `url`. */
export function explainUnreachable(
  code: ConnectionFailure,
  url: URL,
  where: Surroundings = detectSurroundings(),
): string {
  const local = isLoopbackHost(url.hostname);
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  switch (code) {
    case 'refused':
      if (local && where === 'container') {
        return `Nothing listens on ${url.hostname}:${port}. Inside a container, ${url.hostname} is the container itself: to reach a program on the host, use host.docker.internal:${port} (on Linux start the container with --add-host=host.docker.internal:host-gateway).`;
      }
      if (local && where === 'wsl') {
        return `Nothing listens on ${url.hostname}:${port}. Inside WSL, ${url.hostname} is the Linux side: to reach a program on Windows, use host.docker.internal:${port} (with Docker Desktop) or the address that "ip route show default" names, and let that program listen on all addresses.`;
      }
      return `Nothing listens on ${url.hostname}:${port}. Start the program there, or check the port.`;
    case 'reset':
      return `${url.host} closed the connection before its answer was complete. See what its own log says.`;
    case 'dns':
      return `The name ${url.hostname} has no address. Check its spelling.`;
    case 'dns_timeout':
      return `No name server said where ${url.hostname} is, so nothing was sent. Check the network, a VPN and the system's name servers.`;
    case 'too_large':
      return `${url.host} must end its answer: a receiver's is a few bytes.`;
    case 'tls':
      return local
        ? `The TLS handshake with ${url.host} failed. If it serves plain HTTP, use http:// in the URL.`
        : `The TLS handshake with ${url.host} failed. Check its certificate, and whether the URL should start with http://.`;
    case 'timeout':
      return `${url.host} did not finish its answer in time.`;
    case 'unreachable':
      return `There is no route to ${url.hostname}. Check the address and the network.`;
    case 'protocol':
      return `What answers on ${url.host} does not speak plain HTTP. Check the port, and whether the URL should start with https://.`;
  }
}
