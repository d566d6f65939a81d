import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectKnownFlags } from '../support/known-flags.ts';
import { havePrograms } from '../support/require-program.ts';
import { PAGES, ROOT, readLines } from './page-lines.ts';
import { type PageSetup, startWorld, TOKEN, type WorldSetup } from './page-world.ts';

const DOCKER_RUN =
  'docker run --rm -p 127.0.0.1:4010:4010 -v carvos-data:/data -e CARVOS_CONTROL_TOKEN=my-token carvos ' +
  '--webhook-url http://host.docker.internal:3000/webhooks/carvos';
const PHPUNIT =
  'npx carvos exec --webhook-url http://127.0.0.1:8000/webhook.php --wait-for 8000 -- ' +
  "sh -c 'php -S 127.0.0.1:8000 -t public & vendor/bin/phpunit tests'";

/** Lines that are not run here, and why. */
const LISTED: Record<string, string> = {
  'keytool -importcert -noprompt -alias carvos -file "$CARVOS_CA_FILE" -keystore carvos.p12 -storetype PKCS12 -storepass changeit':
    'needs Java: test/e2e/https-clients.test.ts runs it',
  'npm ci && npm start': 'installs this checkout; test/e2e/package.test.ts and stop.test.ts do it',
  'npm install --save-dev ../carvos/carvos-0.1.0.tgz': 'test/e2e/package.test.ts installs the package',
  'npx carvos inspect': 'needs a terminal: test/cli/inspect/terminal.test.ts',
  'npx carvos inspect --db carvos-failure.db': 'needs a terminal: test/cli/inspect/terminal.test.ts',
  'npx carvos dev --tui': 'needs a terminal: test/cli/inspect/terminal.test.ts',
  'npx carvos check https://staging.example.com/carvos --live --event candidate.json':
    'sends to the internet; test/cli/check/hostile-receivers.test.ts has --live',
  "npx carvos check 3000/webhooks/carvos --start 'npm start' --state http://localhost:3000/events/count --crash 20":
    'starts a receiver itself: test/cli/check/crash.test.ts',
  'npx openapi-typescript carvos.json -o carvos.d.ts':
    'takes 4 seconds; test/emulator/control/openapi.test.ts does it',
  'gh release download --pattern install.sh --repo OWNER/carvos && sh install.sh':
    'needs a release; test/scripts/install.test.ts runs the installer',
  'gh attestation verify carvos-linux-x64.gz --repo OWNER/carvos': 'needs a release',
  'npm ci && npm run build:binary': 'takes minutes; npm run test:binary does it',
  'docker build -t carvos .': 'needs Docker; test/e2e/container.test.ts runs what the Dockerfile does',
  [DOCKER_RUN]: 'needs Docker; test/e2e/container.test.ts runs what the Dockerfile does',
  'npx carvos run --record flows/new.yaml 0198c3a0-6f00-7000-8000-000000000000':
    'needs a reference of yours; test/cli/run/record.test.ts makes some',
  'npx carvos exec --soak 20m --webhook-url 3000 -- npx carvos run flows':
    'takes 20 minutes; test/cli/behaviour/soak.test.ts soaks a receiver',
  'carvos exec -- pytest': 'test/fixtures/kits.test.ts runs pytest',
  'npx carvos exec --webhook-url 3000 --wait-for 3000 -- pytest': 'test/fixtures/kits.test.ts runs pytest',
  'npx carvos exec --webhook-url 3000 --wait-for 3000 -- sh whole-test.sh':
    'test/e2e/test-suites.test.ts runs it',
  [PHPUNIT]: 'needs an application of yours; test/fixtures/kits.test.ts runs PHPUnit',
};

interface Setup extends PageSetup {
  /** Of a gateway that this page alone has. */
  world?: WorldSetup;
  /** Lines that end with another code than 0. */
  exits?: Record<string, number>;
}

const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');
const secretsOf = (name: string) => ({
  [`${name}_API_KEY`]: `key-of-${name}`,
  [`${name}_INCOMING_SECRET`]: 'an-incoming-secret',
  [`${name}_OUTGOING_SECRET`]: 'an-outgoing-secret',
});

const SETUPS: Record<string, Setup> = {
  'README.md': {
    ownReceiver: true,
    exits: {
      'carvos verify --delivery dlv_… --computed DIGITS': 3,
      "carvos verify body.json --direction incoming --signature 't=…,v1=…'": 3,
    },
  },
  'docs/guides/ci.md': {
    files: { 'run-tests.sh': '#!/bin/sh\nnpx carvos send candidate.created\nexit 1\n' },
    exits: {
      'npm ci && npx carvos exec --log-on-failure --snapshot-on-failure carvos-failure.db -- ./run-tests.sh': 1,
    },
  },
  'docs/guides/containers.md': { env: { CARVOS_CONTROL_TOKEN: TOKEN } },
  'docs/guides/https.md': { certificates: true },
  'docs/guides/scenarios.md': {
    files: { 'flows/scored.yaml': read('fixtures/scenarios/scored.yaml') },
  },
  'docs/guides/several-ats.md': {
    world: {
      config: read('fixtures/config/several-ats.json'),
      env: { ...secretsOf('NORTH'), ...secretsOf('SOUTH') },
      atsId: 'north-ats',
      clientId: 'north-client',
      userId: 'u-1',
    },
  },
  // Elsewhere the AI fails for the candidate whose application the meeting is about.
  'docs/guides/workspaces-and-meetings.md': { world: {} },
  'docs/guides/real-gateway.md': {
    // What is written into its config file changes how it scores.
    world: {},
    files: {
      'gateway.har': read('fixtures/recordings/fictional-gateway.har'),
      'openapi.yaml': read('fixtures/recordings/fictional-gateway.yaml'),
    },
    exits: { 'npx carvos assumptions check gateway.har openapi.yaml': 1 },
  },
  'docs/guides/signatures.md': {
    exits: {
      "npx carvos verify body.json --direction incoming --signature 't=1768472880,v1=5f2b…'": 3,
      'npx carvos verify --delivery dlv_0198c… --computed 9c1e…': 3,
    },
  },
};

const runLines = (page: string) => readLines(page).filter((line) => LISTED[line] === undefined);

/** What lines have in common that name other ids and values. */
const formOf = (line: string) =>
  line
    .replace(/^npx /, '')
    .replaceAll(/dlv_\w*…/g, 'dlv_…')
    .replaceAll(/\b0198c3a0-…|REFERENCE_ID/g, 'REFERENCE')
    .replaceAll(/\bjob_12\b/g, 'JOB')
    .replaceAll(/(--computed|t=) ?[^ ,]+/g, '$1')
    .replaceAll(/v1=[^' ]+/g, 'v1=');

const able = havePrograms('the command lines of README and guides', 'python3', 'curl', 'bash', 'openssl');

test.skipIf(!able)(
  'what README and guides tell you to type runs',
  async () => {
    const shared = await startWorld();
    const wrong: unknown[] = [];
    /** What several pages say is run once. */
    const done = new Set<string>();
    for (const page of PAGES.filter((one) => runLines(one).length > 0)) {
      const { exits = {}, world, ...setup } = SETUPS[page] ?? {};
      const { fill, run } = await (world ? await startWorld(world) : shared).turnTo(setup);
      for (const line of runLines(page)) {
        const key = world ? `${page}: ${line}` : formOf(line);
        if (done.has(key)) continue;
        done.add(key);
        const { code, output } = await run(fill(line));
        if (code !== (exits[line] ?? 0)) wrong.push({ page, line, code, output });
      }
    }
    expect(wrong).toEqual([]);
  },
  300_000,
);

test('each line that is listed as not run stands in a page, and names flags that exist', async () => {
  const all = PAGES.flatMap(readLines);
  for (const line of Object.keys(LISTED)) {
    expect(all).toContain(line);
    const [, call] = /^(?:npx )?carvos (.*)/.exec(line) ?? [];
    if (call !== undefined) await expectKnownFlags(call);
  }
  const listed = all.filter((line) => LISTED[line] !== undefined).length;
  process.stdout.write(`command lines of README and guides: ${all.length - listed} run, ${listed} listed\n`);
});
