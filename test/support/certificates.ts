import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type ServerOptions } from 'node:https';
import { join } from 'node:path';
import { sharedFolder, tempFolder } from './folder.ts';
import { openServer } from './receiver.ts';

/** A certificate with its key, as files and as PEM. */
export interface Pair {
  certFile: string;
  keyFile: string;
  cert: string;
  key: string;
}

const LOCAL = 'DNS:localhost,IP:127.0.0.1,IP:::1';

/** A folder of certificates that openssl makes; of the test, or `sharedFolder()` where all tests use the same. */
export function certificateFolder(folder = tempFolder()) {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });

  /** @param issuer who signs; itself by default. */
  function make(
    name: string,
    options: { names?: string; days?: number; issuer?: Pair; ca?: boolean } = {},
  ): Pair {
    const [certFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
    const extensions = options.ca
      ? 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\nsubjectKeyIdentifier=hash'
      : `subjectAltName=${options.names ?? LOCAL}`;
    writeFileSync(join(folder, `${name}.ext`), extensions);
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    openssl('req', ...curve, '-keyout', keyFile, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    const { issuer } = options;
    const signer = issuer
      ? ['-CA', issuer.certFile, '-CAkey', issuer.keyFile, '-CAcreateserial']
      : ['-signkey', keyFile];
    const days = ['-days', String(options.days ?? 100)];
    const what = ['-req', '-in', `${name}.csr`, '-extfile', `${name}.ext`, '-out', certFile];
    openssl('x509', ...what, ...days, ...signer);
    return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
  }
  return { folder, make };
}

/** An authority, and certificates of every kind that a receiver can show; made once for all tests of a file. */
export function sharedCertificates() {
  const folder = sharedFolder();
  const makeAll = () => {
    const { make } = certificateFolder(folder);
    const ca = make('Our CA', { ca: true });
    return {
      folder,
      ca,
      self: make('self'),
      signed: make('signed', { issuer: ca }),
      expired: make('expired', { issuer: ca, days: -1 }),
      other: make('other', { issuer: ca, names: 'DNS:other.example' }),
      client: make('client', { issuer: ca }),
    };
  };
  let made: ReturnType<typeof makeAll> | undefined;
  return () => {
    made ??= makeAll();
    return made;
  };
}

export interface TlsRequest {
  path: string;
  headers: NodeJS.Dict<string | string[]>;
  body: Buffer;
  protocol: string | null;
  /** Subject of the client's certificate. */
  client: string | null;
}

/** A receiver over TLS that answers 200 and keeps what it got. */
export async function startTlsReceiver(options: ServerOptions, host = '127.0.0.1') {
  const requests: TlsRequest[] = [];
  const server = createServer(options, async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const socket = request.socket as import('node:tls').TLSSocket;
    requests.push({
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(pieces),
      protocol: socket.getProtocol(),
      client: (socket.getPeerCertificate().subject?.CN as string | undefined) ?? null,
    });
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"status":"received"}');
  });
  server.on('tlsClientError', () => {});
  const { port } = await openServer(server, 0, host);
  return { requests, port, url: `https://localhost:${port}/hook`, server };
}
