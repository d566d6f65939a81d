import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { candidateCreated } from '../support/dev-process.ts';
import { tempFolder } from '../support/folder.ts';
import { runCli, runProgram, startWarmCarvos } from '../support/program.ts';
import { havePrograms } from '../support/require-program.ts';
import { signLikeTheGuides } from '../support/sign.ts';

// Clients that know nothing of carvos: they get the file that it names, or they do not.

// What this machine was told to trust must not decide what a test sees.
const TOLD_BY = [
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'NODE_EXTRA_CA_CERTS',
];
const UNTOLD = Object.fromEntries(TOLD_BY.map((name) => [name, undefined]));

/** What takes Java longer than what is asked of it. */
const QUICK = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
const CLIENTS = join(import.meta.dirname, '../support/clients');

interface Client {
  programs: string[];
  /** The command that posts standard input, and what makes it trust the file. */
  command(url: string, headers: [string, string][]): string[];
  trust(caFile: string, folder: string): Promise<{ env?: Record<string, string>; args?: string[] }>;
  /** What it says where it does not. */
  refuses: RegExp;
}

const ALL: Record<string, Client> = {
  curl: {
    programs: ['curl'],
    command: (url, headers) => [
      ...['curl', '-sS', '-o', '/dev/null', '-w', '%{http_code}\n', '--data-binary', '@-'],
      ...headers.flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
      url,
    ],
    trust: async (caFile) => ({ args: ['--cacert', caFile] }),
    refuses: /SSL certificate problem/,
  },
  python: {
    programs: ['python3'],
    command: (url, headers) => ['python3', join(CLIENTS, 'post.py'), url, ...headers.flat()],
    trust: async (caFile) => ({ env: { SSL_CERT_FILE: caFile } }),
    refuses: /CERTIFICATE_VERIFY_FAILED/,
  },
  node: {
    programs: ['node'],
    command: (url, headers) => [
      process.execPath,
      '-e',
      `const chunks = []; process.stdin.on('data', (one) => chunks.push(one)).on('end', () =>
        fetch(${JSON.stringify(url)}, { method: 'POST', headers: ${JSON.stringify(headers)}, body: Buffer.concat(chunks) })
          .then(({ status }) => console.log(status), (error) => { console.error(error.cause.code); process.exit(1); }))`,
    ],
    trust: async (caFile) => ({ env: { NODE_EXTRA_CA_CERTS: caFile } }),
    refuses: /UNABLE_TO_VERIFY_LEAF_SIGNATURE/,
  },
  java: {
    programs: ['java', 'keytool'],
    command: (url, headers) => ['java', ...QUICK, join(CLIENTS, 'Post.java'), url, ...headers.flat()],
    async trust(caFile, folder) {
      const store = join(folder, 'store.p12');
      const args = ['-importcert', '-noprompt', '-alias', 'carvos', '-file', caFile, '-keystore', store];
      const quick = QUICK.map((one) => `-J${one}`);
      await runProgram('keytool', [...quick, ...args, '-storetype', 'PKCS12', '-storepass', 'changeit']);
      return {
        env: {
          JAVA_TOOL_OPTIONS: `-Djavax.net.ssl.trustStore=${store} -Djavax.net.ssl.trustStorePassword=changeit`,
        },
      };
    },
    refuses: /PKIX path building failed/,
  },
};

const HELP: Record<string, string> = { keytool: '-help' };
const isThere = (name: string, { programs }: Client) =>
  havePrograms(`${name} against dev --tls and listen --tls`, ...programs.filter((one) => !(one in HELP)));

const signed = (body: string, secret: string): [string, string][] => [
  ['Content-Type', 'application/json'],
  ['X-Webhook-Signature', signLikeTheGuides(body, secret)],
];

/** Starts `dev --tls` or `listen --tls`, with the URL to post to, and the secret to sign with. */
async function startListener(command: 'dev' | 'listen', ...args: string[]) {
  const folder = tempFolder();
  const program = startWarmCarvos(
    [command, '--tls', '--port', '0', ...args, ...(command === 'dev' ? ['--db', ':memory:'] : [])],
    { cwd: folder },
  );
  const [, base] = await program.waitForText(/(https:\/\/127\.0\.0\.1:\d+)/);
  if (command === 'dev')
    await program.waitUntil(() => existsSync(join(folder, '.carvos/emulator.json')), 'its file');
  const url = command === 'dev' ? `${base}/v1/webhooks/demo-ats` : `${base}/hook`;
  const secret = command === 'dev' ? 'demo-incoming-secret' : 'demo-outgoing-secret';
  return { folder, program, base: base!, url, secret, caFile: join(folder, '.carvos/tls/ca.pem') };
}

// Both have the same authority: of listen, one client tells.
test.each([
  ['dev', Object.keys(ALL)],
  ['listen', ['curl']],
] as const)('%s --tls: %j send with the file, and fail without it', async (command, names) => {
  const { folder, program, url, secret, caFile } = await startListener(command);
  for (const which of names.filter((one) => isThere(one, ALL[one]!))) {
    const client = ALL[which]!;
    const body = candidateCreated(`over-tls-${which}`);
    const [name, ...args] = client.command(url, signed(body, secret)) as [string, ...string[]];
    const { env, args: more = [] } = await client.trust(caFile, folder);
    const accepted = await runProgram(name, [...args, ...more], { env: { ...UNTOLD, ...env }, input: body });
    expect(accepted.stderr.replace(/^Picked up.*\n/, ''), which).toBe('');
    expect(accepted.stdout.trim(), which).toBe(command === 'dev' ? '202' : '200');

    const refused = await runProgram(name, args, { env: UNTOLD, input: body });
    expect(refused.code, which).not.toBe(0);
    expect(refused.stderr).toMatch(client.refuses);
  }
  await program.waitForText(/candidate\.created/);
});

describe.skipIf(!havePrograms('what dev --tls says and keeps', 'curl'))('dev --tls', () => {
  const curl = (...args: string[]) =>
    runProgram('curl', ['-sS', ...args], { env: { ...UNTOLD, no_proxy: '*' } });

  test('says which client does not trust it, and which speaks plain HTTP', async () => {
    const { program, base } = await startListener('dev');
    await curl(`${base}/healthz`);
    await program.waitForText(/certificate_refused[\s\S]*CARVOS_CA_FILE/);
    await curl(`${base.replace('https', 'http')}/healthz`);
    await program.waitForText(/plain_http[\s\S]*use https:\/\//);
  });

  test('is for localhost, its addresses, and the names that were given', async () => {
    const { base, caFile } = await startListener('dev', '--tls-name', 'app.test', '--tls-name', '192.0.2.7');
    const { port } = new URL(base);
    const ask = async (host: string) => {
      const to = ['--connect-to', `::127.0.0.1:${port}`];
      return (await curl('--cacert', caFile, ...to, `https://${host}:${port}/healthz`)).stdout;
    };
    for (const host of ['localhost', '127.0.0.1', '[::1]', 'host.docker.internal', 'app.test', '192.0.2.7']) {
      expect([host, await ask(host)]).toEqual([host, '{"status":"ok"}']);
    }
    expect(await ask('other.test')).toBe('');
  });

  test('other commands reach it, and env says what others have to trust', async () => {
    const { folder, base, caFile } = await startListener('dev');
    const sent = await runCli(['send', 'candidate.created', '--wait', '--json'], { cwd: folder });
    expect([sent.code, sent.stderr]).toEqual([0, '']);
    const many = await runCli(['send', 'candidate.created', '--repeat', '5', '--json'], { cwd: folder });
    expect([many.code, many.stdout.trim().split('\n').length]).toEqual([0, 5]);
    const env = await runCli(['env', '--format', 'dotenv'], { cwd: folder });
    const bundle = join(folder, '.carvos/tls/ca-bundle.pem');
    for (const line of [
      `CARVOS_URL=${base}`,
      `CARVOS_CA_FILE=${caFile}`,
      `NODE_EXTRA_CA_CERTS=${caFile}`,
      `SSL_CERT_FILE=${bundle}`,
      `REQUESTS_CA_BUNDLE=${bundle}`,
    ]) {
      expect(env.stdout.split('\n')).toContain(line);
    }
    expect(env.stdout).toMatch(/# Java: keytool .*ca\.pem/);
    expect(env.stdout).toMatch(/# PHP: .*openssl\.cafile/);
    expect(readFileSync(bundle, 'utf8')).toContain(readFileSync(caFile, 'utf8').trim());
    // Elsewhere, by the environment alone.
    const { token } = JSON.parse(readFileSync(join(folder, '.carvos/emulator.json'), 'utf8'));
    const away = { CARVOS_URL: base, CARVOS_CONTROL_TOKEN: token };
    const trusting = { ...away, CARVOS_CA_FILE: caFile };
    expect((await runCli(['status'], { cwd: tempFolder(), env: trusting })).code).toBe(0);
    expect((await runCli(['status'], { cwd: tempFolder(), env: away })).code).toBe(5);
    // A path in .env starts beside it, wherever below the command runs.
    const project = tempFolder({ 'carvos.config.json': '{}' });
    writeFileSync(join(project, '.env'), `CARVOS_CA_FILE=${relative(project, caFile)}\n`);
    mkdirSync(join(project, 'app'));
    expect((await runCli(['status'], { cwd: join(project, 'app'), env: away })).code).toBe(0);
  });

  test('exec hands its command what it has to trust', async () => {
    const folder = tempFolder();
    const child = 'curl -sS "$CARVOS_URL/healthz"; echo; echo "$NO_PROXY"; echo "$NODE_EXTRA_CA_CERTS"';
    const env = { NO_PROXY: 'intranet.example' };
    const run = await runCli(['exec', '--tls', '--', 'sh', '-c', child], { cwd: folder, env });
    const [health, noProxy, extra] = run.stdout.split('\n');
    expect(health).toBe('{"status":"ok"}');
    expect(noProxy).toMatch(/^intranet\.example,.*localhost.*127\.0\.0\.1.*::1/);
    expect(extra).toBe(join(folder, '.carvos/tls/ca.pem'));
  });

  test('what the user told programs to trust is in the bundle that is named instead', async () => {
    const folder = tempFolder();
    const pem = (text: string) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----`;
    const own = { SSL_CERT_FILE: join(folder, 'a.pem'), NODE_EXTRA_CA_CERTS: join(folder, 'b.pem') };
    writeFileSync(own.SSL_CERT_FILE, pem('AAAA'));
    writeFileSync(own.NODE_EXTRA_CA_CERTS, pem('BBBB'));
    const child = 'echo "$SSL_CERT_FILE"; echo "$NODE_EXTRA_CA_CERTS"';
    const run = await runCli(['exec', '--tls', '--', 'sh', '-c', child], { cwd: folder, env: own });
    const bundle = join(folder, '.carvos/tls/ca-bundle.pem');
    expect(run.stdout).toBe(`${bundle}\n${bundle}\n`);
    const text = readFileSync(bundle, 'utf8');
    for (const one of [pem('AAAA'), pem('BBBB')]) expect(text).toContain(one);
  });
});
