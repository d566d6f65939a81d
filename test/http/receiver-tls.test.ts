import type { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { judgeConnection, type ReceiverTls } from '../../src/transport/receiver-tls.ts';
import { certificateFolder, sharedCertificates, startTlsReceiver } from '../support/certificates.ts';
import { havePrograms } from '../support/require-program.ts';
import { CLIENTS } from '../support/senders.ts';

const isPossible = havePrograms('what certificates of receivers are taken for', 'openssl');

const certificates = sharedCertificates();

type All = ReturnType<typeof certificates>;

interface Case {
  what: string;
  server: (all: All) => Parameters<typeof startTlsReceiver>[0];
  tls?: (all: All) => ReceiverTls;
  /** Of the certificate; `null` where it is trusted. */
  problem: string | null;
  /** What the message says, where it is refused. */
  refused?: RegExp;
  protocol?: string;
  client?: string;
}

const trusting = ({ ca }: All): ReceiverTls => ({ ca: [ca.cert] });

const CASES: Case[] = [
  {
    what: 'a self-signed certificate',
    server: ({ self }) => self,
    problem: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    refused: /self-signed/,
  },
  {
    what: 'a self-signed one that is trusted',
    server: ({ self }) => self,
    tls: ({ self }) => ({ ca: [self.cert] }),
    problem: null,
  },
  {
    what: 'one of an unknown authority',
    server: ({ signed }) => signed,
    problem: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    refused: /authority is neither known nor sent along/,
  },
  { what: 'one of our authority', server: ({ signed }) => signed, tls: trusting, problem: null },
  {
    what: 'one that is trusted without its authority',
    server: ({ signed }) => signed,
    tls: ({ signed }) => ({ ca: [signed.cert] }),
    problem: null,
  },
  {
    what: 'an expired one',
    server: ({ expired }) => expired,
    tls: trusting,
    problem: 'CERT_HAS_EXPIRED',
    refused: /has expired: .*valid until .+ GMT/,
  },
  {
    what: 'one for another name',
    server: ({ other }) => other,
    tls: trusting,
    problem: 'ERR_TLS_CERT_ALTNAME_INVALID',
    refused: /localhost.* not in .*other\.example/,
  },
  {
    what: 'TLS 1.2',
    server: ({ signed }) => ({ ...signed, maxVersion: 'TLSv1.2' }),
    tls: trusting,
    problem: null,
    protocol: 'TLSv1.2',
  },
  {
    what: 'a self-signed one that goes unchecked here',
    server: ({ self }) => self,
    tls: () => ({ insecure: true }),
    problem: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  },
  {
    what: 'one for another name that goes unchecked here',
    server: ({ other }) => other,
    tls: (all) => ({ ...trusting(all), insecure: true }),
    problem: 'ERR_TLS_CERT_ALTNAME_INVALID',
  },
  {
    what: 'a receiver that asks for a certificate and gets one',
    server: ({ signed, ca }) => ({ ...signed, ca: ca.cert, requestCert: true }),
    tls: (all) => ({ ...trusting(all), cert: all.client.cert, key: all.client.key }),
    problem: null,
    client: 'client',
  },
  {
    what: 'a receiver that asks for a certificate and gets none',
    server: ({ signed, ca }) => ({ ...signed, ca: ca.cert, requestCert: true }),
    tls: trusting,
    problem: null,
    refused: /certificate of its client/,
  },
];

const table = Object.keys(CLIENTS).flatMap((name) =>
  CASES.map((one) => [one.what, name as keyof typeof CLIENTS, one] as const),
);

test.skipIf(!isPossible).each(table)('%s, by the client of the %s', async (_what, name, one) => {
  const all = certificates();
  const { url, requests, server } = await startTlsReceiver(one.server(all));
  const post = CLIENTS[name](url, { tls: one.tls?.(all) });
  // Twice: a session that is taken up again must be judged as the first one was.
  for (let round = 1; round <= 2; round++) {
    // Over a connection of its own, not over one that was kept.
    server.closeAllConnections();
    const result = await post();
    expect(result.tls).toMatchObject({
      protocol: one.protocol ?? 'TLSv1.3',
      problem: one.problem,
      certificate: {
        valid_to: expect.stringMatching(/^20\d\d-/),
        fingerprint: expect.stringMatching(/^[0-9A-F:]{95}$/),
      },
    });
    if (one.refused) {
      expect(result).toMatchObject({
        status: null,
        code: expect.stringMatching(/^tls/),
        said: expect.stringMatching(one.refused),
      });
      expect(requests).toHaveLength(0);
    } else {
      expect(result).toMatchObject({ status: 200 });
      expect(requests).toHaveLength(round);
      expect(requests.at(-1)).toMatchObject({ body: Buffer.from('{}'), client: one.client ?? null });
    }
  }
});

test.skipIf(!isPossible)('what a certificate says of itself', async () => {
  const { make } = certificateFolder();
  const ca = make('Our CA', { ca: true });
  const { url } = await startTlsReceiver(make('receiver', { issuer: ca }));
  const { tls } = await CLIENTS.commands(url, { tls: { ca: [ca.cert] } })();
  expect(tls?.certificate).toMatchObject({
    subject: 'receiver',
    issuer: 'Our CA',
    names: 'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
  });
});

test.skipIf(!isPossible).each(['https://127.0.0.1', 'https://[::1]', 'https://any.localhost'])(
  '%s',
  async (base) => {
    const { make } = certificateFolder();
    const self = make('self', { names: 'DNS:any.localhost,IP:127.0.0.1,IP:::1' });
    const { port } = await startTlsReceiver(self, '::');
    for (const client of Object.values(CLIENTS)) {
      expect(await client(`${base}:${port}/`, { tls: { ca: [self.cert] } })()).toMatchObject({ status: 200 });
    }
  },
);

test('a certificate goes unchecked at loopback and private addresses only', () => {
  const socket = (remoteAddress: string) =>
    ({
      authorized: false,
      authorizationError: 'SELF_SIGNED_CERT_IN_CHAIN',
      remoteAddress,
      getPeerCertificate: () => ({}),
    }) as unknown as TLSSocket;
  const judge = (address: string) => judgeConnection(socket(address), { insecure: true }, 'receiver.example');
  for (const address of ['127.0.0.1', '::1', '10.1.2.3', '192.168.0.9', 'fd00::1', '::ffff:127.0.0.1']) {
    expect(judge(address)).toBeNull();
  }
  for (const address of ['8.8.8.8', '2001:db8::1', '::ffff:8.8.8.8', '']) {
    expect(judge(address)).toMatchObject({
      code: 'SELF_SIGNED_CERT_IN_CHAIN',
      message: expect.stringContaining('loopback and private addresses only'),
    });
  }
});
