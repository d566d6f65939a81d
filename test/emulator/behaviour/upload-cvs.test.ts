import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { withResolvers } from '../../../src/transport/with-resolvers.ts';
import { startDev } from '../../support/dev-process.ts';
import {
  candidateCreated,
  postWebhook,
  startTestEmulator,
  testAts,
  testOptions,
} from '../../support/emulator.ts';
import { tempFolder } from '../../support/folder.ts';
import { spawnProgram } from '../../support/program.ts';
import { startTestReceiver } from '../../support/receiver.ts';
import {
  deflatedRun,
  END,
  filePart,
  fixtureFile,
  makeDocx,
  paragraph,
  pdfWith,
  postParts,
} from '../../support/uploads.ts';
import { start } from './upload-gateway.ts';

const VACANCY = {
  event: 'vacancy.created',
  client_id: 'acme-corp',
  user_id: 'admin-user',
  vacancy_id: 'vac-1',
  title: 'Orderpicker',
  requirements: ['Reachtruckcertificaat', 'VCA', 'Rijbewijs B', 'Kubernetes'],
};

/** An application of a candidate about whom nothing but the CV is known. */
async function apply(
  gateway: Awaited<ReturnType<typeof start>>,
  cv: { candidate?: string; application?: string },
) {
  const { send, settle } = gateway;
  const link = (id?: string) => (id ? { cv: { carv_file_id: id } } : {});
  const candidate = candidateCreated(link(cv.candidate));
  await send(candidate);
  await send({ ...VACANCY, event_id: `vac-of-${candidate.event_id}` });
  const accepted = await send({
    event: 'application.created',
    event_id: `app-of-${candidate.event_id}`,
    client_id: 'acme-corp',
    user_id: 'admin-user',
    application_id: `app-of-${candidate.candidate_id}`,
    candidate_id: candidate.candidate_id,
    vacancy_id: 'vac-1',
    ...link(cv.application),
  });
  expect(accepted.status, JSON.stringify(accepted.json)).toBe(202);
  return (await settle(accepted.json.reference_id)) as {
    status: string;
    data: { score: number | null; score_reasons: string[] };
  };
}

test.each([['cv-nl.pdf'], ['cv-nl.docx']])('the score comes from the CV: %s', async (name) => {
  const gateway = await start();
  const event = await apply(gateway, { candidate: await gateway.upload(fixtureFile(name)) });
  expect(event).toMatchObject({ event: 'application.created', status: 'success' });
  expect(event.data.score_reasons).toContain('Found in the CV: Reachtruckcertificaat, VCA, Rijbewijs B.');
  expect(event.data.score_reasons).toContain('Not found: Kubernetes.');
  expect(event.data.score).toBeGreaterThan(60);
});

test("the application's CV is preferred to the candidate's", async () => {
  const gateway = await start();
  const event = await apply(gateway, {
    candidate: await gateway.upload(fixtureFile('cv-nl.pdf')),
    application: await gateway.upload(paragraph('Kubernetes</w:t><w:br/><w:t>Docker'), 'cv.docx'),
  });
  expect(event.data.score_reasons).toContain('Found in the CV: Kubernetes.');
});

test.each([
  ['encrypted.pdf', /encrypted and opens only with a password/, () => fixtureFile('encrypted.pdf')],
  ['truncated.pdf', /broken/, () => fixtureFile('truncated.pdf')],
  ['cut-off.docx', /broken: the end of the file is missing/, () => paragraph('Kubernetes').subarray(0, -30)],
  ['cv-nl.doc', /the text of a DOC is not read/, () => fixtureFile('cv-nl.doc')],
  ['scan.pdf', /holds no text/, () => pdfWith(deflateSync('0 0 9 9 re f'))],
  ['gigabyte.docx', /unpacks to more than 16 MiB/, () => makeDocx(deflatedRun('\0', 64))],
])('%s gives a reason in score_reasons, not a crash', { timeout: 60_000 }, async (name, reason, make) => {
  const gateway = await start();
  const id = await gateway.upload(make(), name);
  const event = await apply(gateway, { candidate: id });
  expect(event).toMatchObject({ event: 'application.created', status: 'success', data: { score: null } });
  const [first] = event.data.score_reasons;
  expect(first).toMatch(new RegExp(`^The CV ${name} could not be read: `));
  expect(first).toMatch(reason);
  // And the next CV is read as ever.
  const next = await apply(gateway, { candidate: await gateway.upload(fixtureFile('cv-nl.pdf')) });
  expect(next.data.score).toBeGreaterThan(60);
});

test('a CV that is being read when the gateway stops is read after the next start', async () => {
  const { promise: held, resolve: release } = withResolvers<number>();
  const receiver = await startTestReceiver((_one, index) => (index === 0 ? held : 200));
  const database = `${tempFolder()}/carvos.db`;
  const before = await startTestEmulator({ database }, receiver.url);
  const upload = await postParts(before.emulator.url, [filePart('cv.pdf', fixtureFile('cv-nl.pdf')), END]);
  await postWebhook(before.emulator.url, candidateCreated());
  await receiver.waitFor(1);
  const cv = { carv_file_id: upload.json.carv_file_id, file_name: 'cv.pdf' };
  await postWebhook(before.emulator.url, candidateCreated({ candidate_id: 'c-9', cv }));
  // Closing waits for the attempt that is in flight.
  const closed = before.emulator.close();
  release(200);
  await closed;

  await startTestEmulator({ database }, receiver.url);
  await receiver.waitFor(2);
  const db = new Database(database, { readonly: true });
  onTestFinished(() => void db.close());
  expect(db.prepare('SELECT text, problem FROM upload').get()).toEqual({
    text: expect.stringContaining('Magazijnmedewerker'),
    problem: null,
  });
});

test('a CV is read once', async () => {
  const gateway = await start();
  const first = candidateCreated({ cv: { carv_file_id: await gateway.upload(fixtureFile('cv-nl.pdf')) } });
  await gateway.send({ ...VACANCY, event_id: 'vac' });
  const accepted = await gateway.send(first);
  await gateway.settle(accepted.json.reference_id);
  // What is read from now on comes from the text that was kept.
  const db = new Database(gateway.database);
  db.prepare('DELETE FROM upload_chunk').run();
  db.close();
  const again = await gateway.send({
    ...first,
    event: 'application.created',
    event_id: 'second',
    cv: undefined,
    application_id: 'second',
    vacancy_id: 'vac-1',
  });
  const event = await gateway.settle(again.json.reference_id);
  expect(event.data.score).toBeGreaterThan(60);
});

const DIST = fileURLToPath(new URL('../../../dist/', import.meta.url));
const STARTS = {
  'carvos dev': async (webhookUrl: string) =>
    (await startDev(tempFolder(), ['--db', ':memory:', '--webhook-url', webhookUrl])).url,
  'dist/index.js': (webhookUrl: string) =>
    startLibrary(`import { startEmulator } from ${JSON.stringify(`${DIST}index.js`)};`, 'module', webhookUrl),
  'dist/index.cjs': (webhookUrl: string) =>
    startLibrary(
      `const { startEmulator } = require(${JSON.stringify(`${DIST}index.cjs`)});`,
      'commonjs',
      webhookUrl,
    ),
};

async function startLibrary(load: string, type: string, webhookUrl: string): Promise<string> {
  const ats = { ...testAts('demo-ats', webhookUrl), apiKey: 'demo-api-key' };
  const options = JSON.stringify(testOptions({ ats: [ats] }));
  const script = `${load}\nstartEmulator(${options}).then(({ url }) => console.log(url));`;
  const program = spawnProgram(process.execPath, [`--input-type=${type}`, '-e', script]);
  return (await program.waitForText(/http:\S+/))[0];
}

test.each(Object.keys(STARTS) as (keyof typeof STARTS)[])('as built, %s reads CVs too', async (how) => {
  const receiver = await startTestReceiver();
  const url = await STARTS[how](receiver.url);
  const { json } = await postParts(url, [filePart('cv.pdf', fixtureFile('cv-nl.pdf')), END], {
    'X-API-Key': 'demo-api-key',
  });
  const rest = (path: string, body: unknown) =>
    fetch(`${url}/v1/${path}`, {
      method: 'POST',
      headers: {
        'X-API-Key': 'demo-api-key',
        'X-ATS-Client-ID': 'acme-corp',
        'X-ATS-User-ID': 'admin-user',
      },
      body: JSON.stringify(body),
    });
  const person = { candidate_id: 'c', first_name: 'Sanne', last_name: 'de Vries', email: 's@example.com' };
  await rest('candidates', { ...person, cv: { carv_file_id: json.carv_file_id } });
  await rest('vacancies', { vacancy_id: 'v', title: 'Orderpicker', requirements: ['VCA'] });
  await rest('applications', { application_id: 'a', candidate_id: 'c', vacancy_id: 'v' });
  await receiver.waitFor(3);
  const events = receiver.received.map(({ body }) => JSON.parse(body.toString()));
  const application = events.find(({ event }) => event === 'application.created');
  expect(application.data.score_reasons).toContain('Found in the CV: VCA.');
});
