import { request } from 'node:http';
import { expect, test } from 'vitest';
import { startTestEmulator } from '../../support/emulator.ts';

const PAGE = '/_carvos/portal/';

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** Exactly this path and these headers; nothing is normalized on the way. */
function ask(
  url: string,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  const { hostname, port, host } = new URL(url);
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, path, method, headers: { host, ...headers } }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }));
    });
    outgoing.on('error', reject).end();
  });
}

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

test('a browser at the root is led to the page; a program gets what CarvOS says', async () => {
  const { emulator } = await startTestEmulator({ portal: true });
  const led = await ask(emulator.url, '/', HTML);
  expect([led.status, led.headers.location]).toEqual([302, PAGE]);
  // Without the slash what the page loads would be looked for in the folder above.
  const bare = await ask(emulator.url, PAGE.slice(0, -1));
  expect([bare.status, bare.headers.location]).toEqual([302, PAGE]);
  for (const accept of ['*/*', 'application/json']) {
    expect((await ask(emulator.url, '/', { accept })).body, accept).toBe('{"detail":"Not Found"}');
  }
});

test('it is served only where it was asked for', async () => {
  const { emulator } = await startTestEmulator();
  expect((await ask(emulator.url, '/', HTML)).status).toBe(404);
  expect((await ask(emulator.url, PAGE)).status).toBe(404);
});

test('every place of it is one document, which nobody keeps and no other page frames', async () => {
  const { emulator } = await startTestEmulator({ portal: true });
  for (const path of [
    '',
    'deliveries',
    'deliveries/dlv_1%2F1',
    'trace/x',
    'testing?way=incoming',
    'schedule',
    'configuration',
  ]) {
    const { status, headers, body } = await ask(emulator.url, PAGE + path);
    expect(status, path).toBe(200);
    expect(body).toContain('<div id="page">');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    );
    expect(body, 'no script or style within').not.toMatch(/<script(?![^>]* src=)|<style|style=| on\w+=/);
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  }
});

test('its files are named by their content, and kept', async () => {
  const { emulator } = await startTestEmulator({ portal: true });
  const { body } = await ask(emulator.url, PAGE);
  const names = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name]) => name!);
  expect(names).toHaveLength(3);
  for (const name of names) {
    const { status, headers } = await ask(emulator.url, name);
    expect([status, headers['cache-control']], name).toEqual([200, 'public, max-age=31536000, immutable']);
    expect(headers['x-content-type-options']).toBe('nosniff');
  }
  expect((await ask(emulator.url, `${PAGE}assets/none.js`)).headers['cache-control']).toBe('no-store');
});

test.each([
  ['another Host', { host: 'evil.example' }, 403],
  ['a Host that only begins like ours', { host: '127.0.0.1.evil.example' }, 403],
  ['a page of another port of this machine', { origin: 'http://127.0.0.1:1' }, 403],
  ['a page without an origin', { origin: 'null' }, 403],
])('%s gets nothing, neither document nor files', async (_name, headers, status) => {
  const { emulator } = await startTestEmulator({ portal: true });
  const script = /src="([^"]+)"/.exec((await ask(emulator.url, PAGE)).body)![1]!;
  for (const path of ['/', PAGE, script]) {
    const answer = await ask(emulator.url, path, { ...HTML, ...(headers as Record<string, string>) });
    expect([path, answer.status]).toEqual([path, status]);
    expect(answer.body).not.toContain('id="page"');
  }
});

test.each([
  '/_carvos/%70ortal/',
  '/%5fcarvos/portal/',
  '//_carvos/portal/',
  '/_carvos//portal/',
  '/_carvos/./portal/',
  '/_carvos/x/../portal/',
  '/_carvos\\portal\\',
  '/_CARVOS/PORTAL/',
  '/_carvos/portal/assets/../page.html',
  '/_carvos/portal/assets/%2e%2e/page.html',
  '/_carvos/portal/assets/..%2f..%2fcli.cjs',
  '/_carvos/portal/page.html',
  '/_carvos/portal/deliveries/a/b',
])('%s is no way round the check of the Host', async (path) => {
  const { emulator } = await startTestEmulator({ portal: true });
  const foreign = await ask(emulator.url, path, { ...HTML, host: 'evil.example' });
  expect([403, 404]).toContain(foreign.status);
  const own = await ask(emulator.url, path, HTML);
  if (own.status === 200) expect(foreign.status).toBe(403);
  expect(own.body).not.toContain('process.binding');
});

test('nothing but reading is answered', async () => {
  const { emulator } = await startTestEmulator({ portal: true });
  for (const method of ['POST', 'PUT', 'DELETE']) {
    expect((await ask(emulator.url, PAGE, {}, method)).status, method).toBe(405);
  }
  expect((await ask(emulator.url, PAGE, {}, 'HEAD')).body).toBe('');
});

test('the page being there opens nothing of the control API', async () => {
  const { emulator } = await startTestEmulator({ portal: true });
  for (const path of ['/_carvos/v1/status', '/_carvos/v1/feed', '/_carvos/v1/log']) {
    expect((await ask(emulator.url, path)).status, path).toBe(401);
  }
});
