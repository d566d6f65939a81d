import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  installPackage,
  type Packed,
  packPackage,
  suiteFolder,
  USER_ENV,
  writeManifest,
} from '../support/package-install.ts';
import { spawnProgram } from '../support/program.ts';

const ROOT = join(import.meta.dirname, '../..');
const MANIFEST = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const SIGNING = readdirSync(join(ROOT, 'dist')).filter((name) => /^signing\.c?js$/.test(name));

const folder = suiteFolder();
const project = join(folder, 'project');
const sample = join(folder, 'sample');
let packed: Packed;

beforeAll(async () => {
  packed = await packPackage(folder);
  mkdirSync(project);
  writeManifest(project, { name: 'project' });
  cpSync(join(ROOT, 'fixtures/sample-project'), sample, { recursive: true });
  await installPackage(project, packed.tarball);
  cpSync(join(project, 'node_modules'), join(sample, 'node_modules'), {
    recursive: true,
    verbatimSymlinks: true,
  });
}, 180_000);

async function run(command: string, args: string[], cwd = project) {
  const program = spawnProgram(command, args, { cwd, env: USER_ENV });
  const exit = await program.waitForExit(80_000);
  return { ...exit, stdout: program.stdout, stderr: program.stderr };
}
const node = (...args: string[]) => run(process.execPath, args);

describe('the tarball', () => {
  test('has what a user needs, and nothing of the development', () => {
    const paths = packed.files.map(({ path }) => path);
    const root = 'package.json README.md LICENSE CHANGELOG.md AGENTS.md docs/fidelity.md bin/carvos.cjs';
    const dist =
      'index.js index.cjs index.d.ts index.d.cts signing.js signing.cjs signing.d.ts signing.d.cts cli.cjs ' +
      'cv-text-thread.mjs snapshot-reader.mjs schemas/config.schema.json THIRD-PARTY-NOTICES.txt';
    const needed = [...root.split(' '), ...dist.split(' ').map((name) => `dist/${name}`)];
    expect(paths).toEqual(expect.arrayContaining(needed));
    const allowed =
      /^(?:(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md|AGENTS\.md|CONTRIBUTING\.md|Dockerfile|bin\/carvos\.cjs)$|dist\/|docs\/|fixtures\/|skills\/)/;
    expect(paths.filter((path) => !allowed.test(path))).toEqual([]);
    const built =
      /^dist\/(?:[a-z-]+\.(?:c?js|mjs|d\.c?ts)|THIRD-PARTY-NOTICES\.txt|esm\/.+\.js|packages\/[a-z-]+\.cjs|gateway\/[\w-]+\.cjs|completions\/[a-z._]+|schemas\/[a-z-]+\.schema\.json|kits\/[a-z0-9]+\/[\w/.-]+|cmaps\/(?:[\w-]+\.bcmap|LICENSE)|portal\/(?:page\.html|assets\/[\w-]+\.(?:js|css|svg)))$/;
    expect(paths.filter((path) => path.startsWith('dist/') && !built.test(path))).toEqual([]);
    expect(packed.files.find(({ path }) => path === 'bin/carvos.cjs')!.mode & 0o111).not.toBe(0);
  });

  // Of these 0.6 MB are the encodings of CJK text in PDFs, 0.2 MB pictures.
  test('is small', () => {
    expect(packed.size).toBeLessThan(4_200_000);
    expect(packed.unpackedSize).toBeLessThan(14_500_000);
  });

  test('has no source maps', () => {
    const files = packed.files.filter(({ path }) => path.startsWith('dist/') && /js$/.test(path));
    const mapped = files.filter(({ path }) =>
      readFileSync(join(ROOT, path), 'utf8').includes('sourceMappingURL=data:'),
    );
    expect(mapped).toEqual([]);
  });

  test('its documents link only to what is in it', () => {
    const paths = packed.files.map(({ path }) => path);
    const wrong = paths
      .filter((path) => path.endsWith('.md'))
      .flatMap((path) =>
        [...readFileSync(join(ROOT, path), 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)]
          .map(([, target]) => join(dirname(path), target!))
          .filter(
            (target) =>
              !paths.some((one) => one === target || one.startsWith(`${target.replace(/\/$/, '')}/`)),
          )
          .map((target) => `${path}: ${target}`),
      );
    expect(wrong).toEqual([]);
  });

  test('points only to what is in it', () => {
    const targets = [
      MANIFEST.main,
      MANIFEST.types,
      ...Object.values(MANIFEST.bin),
      ...leaves(MANIFEST.exports),
    ];
    const paths = packed.files.map(({ path }) => path);
    for (const target of targets) {
      const [start = '', end] = (target as string).replace(/^\.\//, '').split('*');
      const found = paths.some((path) =>
        end === undefined ? path === start : path.startsWith(start) && path.endsWith(end),
      );
      expect(found, target as string).toBe(true);
    }
    // TypeScript takes the first condition that fits.
    for (const entry of ['.', './signing'])
      for (const way of ['import', 'require'])
        expect(Object.keys(MANIFEST.exports[entry][way])).toEqual(['types', 'default']);
    expect(MANIFEST.engines).toEqual({ node: '>=20.19' });
  });

  test('its scenarios use nothing else', () => {
    const paths = packed.files.map(({ path }) => path);
    const named = paths
      .filter((path) => /^fixtures\/scenarios\/.*\.yaml$/.test(path))
      .flatMap((path) =>
        [...readFileSync(join(ROOT, path), 'utf8').matchAll(/\b(?:cv|send|trigger): (\S+\.\w+)$/gm)]
          .map(([, file]) => join(dirname(path), file!))
          .filter((file) => existsSync(join(ROOT, file))),
      );
    expect(named).toContain('fixtures/files/cv-nl.pdf');
    expect(named.filter((file) => !paths.includes(file))).toEqual([]);
  });

  test('names every library that is bundled, with its licence', () => {
    const notices = readFileSync(join(ROOT, 'dist/THIRD-PARTY-NOTICES.txt'), 'utf8');
    const [list = '', ...texts] = notices.split(/\n\n-{80}\n\n/);
    const named = [...list.matchAll(/^(\S+) \d+\.\S+ \(.+\)$/gm)].map(([, name]) => name!);
    // Twice, independent of what the build says: what src imports, and paths that esbuild leaves in the code.
    const imported = sourceFiles(join(ROOT, 'src')).flatMap((file) =>
      [
        ...readFileSync(file, 'utf8').matchAll(/^(?:import|export)(?! type)[^'"]*? from '([^'./][^']*)'/gm),
      ].map(([, name]) =>
        name!
          .split('/')
          .slice(0, name!.startsWith('@') ? 2 : 1)
          .join('/'),
      ),
    );
    const left = packed.files
      .filter(({ path }) => /^dist\/.*js$/.test(path))
      .flatMap(({ path }) => [
        ...readFileSync(join(ROOT, path), 'utf8').matchAll(
          /node_modules\/((?:@[\w.-]+\/)?[\w.-]+)\/[\w./-]+\.[cm]?js"\(/g,
        ),
      ])
      .map(([, name]) => name!);
    expect(left.length).toBeGreaterThan(50);
    const wanted = new Set([...imported, ...left].filter((name) => !name.startsWith('node:')));
    for (const name of Object.keys(MANIFEST.dependencies)) wanted.delete(name);
    expect(named).toEqual(expect.arrayContaining([...wanted]));
    expect(texts).toHaveLength(named.length);
    const licence =
      /Permission is hereby granted|Permission to use, copy|Redistribution and use|Apache License/;
    for (const text of texts) expect(text).toMatch(licence);
  });
});

describe('installed in an empty folder', () => {
  test('it brings one dependency', () => {
    const { dependencies } = JSON.parse(
      readFileSync(join(project, 'node_modules/carvos/package.json'), 'utf8'),
    );
    expect(Object.keys(dependencies)).toEqual(['better-sqlite3']);
    const here = readdirSync(join(project, 'node_modules'));
    expect(Object.keys(MANIFEST.devDependencies).filter((name) => here.includes(name))).toEqual([]);
  });

  test('npx carvos goes through the first loop', async () => {
    const version = await run('npx', ['--no-install', 'carvos', '--version']);
    expect(version).toMatchObject({ code: 0, stdout: `${MANIFEST.version}\n` });
    const dev = spawnProgram('npx', ['--no-install', 'carvos', 'dev', '--port', '0'], {
      cwd: project,
      env: USER_ENV,
    });
    await dev.waitForText(/carvos send/);
    await dev.waitUntil(() => existsSync(join(project, '.carvos/emulator.json')), 'emulator.json');
    const carvos = (...args: string[]) => run('node_modules/.bin/carvos', args);
    const sent = await carvos('send', 'candidate.created', '--wait');
    expect(sent, sent.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('delivered') });
    const log = await carvos('deliveries', '--json');
    expect(log.code).toBe(0);
    expect(log.stdout).toContain('candidate.created');
    const { pid } = JSON.parse(readFileSync(join(project, '.carvos/emulator.json'), 'utf8'));
    process.kill(pid, 'SIGTERM');
    expect(await dev.waitForExit()).toMatchObject({ code: 0 });
  });

  test('the same names come by import and by require as the types promise', async () => {
    for (const entry of ['carvos', 'carvos/signing']) {
      const types = join(project, 'node_modules/carvos/dist', entry === 'carvos' ? 'index' : 'signing');
      const text = readFileSync(`${types}.d.ts`, 'utf8');
      expect(readFileSync(`${types}.d.cts`, 'utf8')).toBe(text);
      const promised = /^export \{ (.*) \};$/m.exec(text)![1]!.split(', ').sort();
      const esm = await node('--input-type=module', '-e', `import * as all from '${entry}'; ${PRINT_NAMES}`);
      const cjs = await node('-e', `const all = require('${entry}'); ${PRINT_NAMES}`);
      expect(JSON.parse(esm.stdout)).toEqual(promised);
      expect(JSON.parse(cjs.stdout)).toEqual(promised);
    }
    const same = `const required = require('carvos'); import('carvos').then((imported) => {
      console.log(imported.startEmulator === required.startEmulator, imported.WaitError === required.WaitError); });`;
    expect((await node('-e', same)).stdout).toBe('true true\n');
  });

  test.each([
    ['import', ['--input-type=module', '-e', `import { startEmulator } from 'carvos'; ${'RUN'}`]],
    ['require', ['-e', `const { startEmulator } = require('carvos'); (async () => { ${'RUN'} })();`]],
  ])('startEmulator runs by %s', async (_way, args) => {
    const script = `const emulator = await startEmulator();
      await emulator.send('vacancy.created');
      console.log((await emulator.waitFor({ event: 'vacancy.created', outcome: 'pending', attempts: 0 }, { timeout: 60_000 })).state);
      await emulator.close();`;
    const result = await node(...args.map((arg) => arg.replace('RUN', () => script)));
    expect(result).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^\w+\n$/) });
  });

  test.each(SIGNING)('dist/%s needs nothing but node:crypto and node:zlib', async (name) => {
    const code = readFileSync(join(ROOT, 'dist', name), 'utf8');
    const imports = [...code.matchAll(/(?:^import .* from |^import |\bimport\(|\brequire\()"([^"]+)"/gm)];
    expect([...new Set(imports.map(([, from]) => from))].sort()).toEqual(['node:crypto', 'node:zlib']);
    // Alone in a folder, so that nothing else could be found.
    const alone = join(folder, `alone-${name}`);
    mkdirSync(alone);
    cpSync(join(ROOT, 'dist', name), join(alone, name.replace(/\.js$/, '.mjs')));
    const [file] = readdirSync(alone);
    const script = `import * as signing from './${file}'; import { createHmac } from 'node:crypto';
      const body = Buffer.from('{}');
      const header = signing.sign(body, 'secret', { timestamp: 1768472880 });
      const v1 = createHmac('sha256', 'secret').update('1768472880.{}').digest('hex');
      console.log(header === 't=1768472880,v1=' + v1, signing.diagnose({ body, header, secrets: [{ value: 'secret', role: 'expected' }] }).verdict);`;
    const result = await run(process.execPath, ['--input-type=module', '-e', script], alone);
    expect(result).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^true \w+\n$/) });
  });
});

describe('its types', () => {
  const USE = `
    const header: string = sign(Buffer.from('{}'), 'secret');
    const result = verify({ body: Buffer.from('{}'), header, secret: ['old', 'new'] });
    if (!result.valid) { const reason: string = result.reason; void reason; }
    export async function use(): Promise<number | null> {
      await using emulator = await startEmulator({ webhookUrl: 'http://127.0.0.1:3000/', speed: 'max' });
      await emulator.send('application.created', { email: 'jane@example.com' });
      const options: StartOptions = {};
      void options;
      // @ts-expect-error no such event
      await emulator.send('meeting.notes_ready');
      // @ts-expect-error a body is bytes
      sign(1, 'secret');
      return (await emulator.waitFor({ event: 'application.created' })).data.score;
    }`;
  const IMPORTS = `
    import { startEmulator, type StartOptions } from 'carvos';
    import { sign, verify } from 'carvos/signing';`;

  // The older resolution knows no \`exports\`: it goes by main, types and typesVersions.
  const RESOLUTIONS: [moduleResolution: string, module: string, files: string[]][] = [
    ['nodenext', 'nodenext', ['a.mts', 'b.cts']],
    ['bundler', 'esnext', ['a.mts', 'a.ts']],
    ['node10', 'commonjs', ['a.ts']],
  ];

  /** A project that finds its types so. */
  function writeProject([moduleResolution, module, files]: (typeof RESOLUTIONS)[number]): string {
    const at = join(project, `types-${moduleResolution}`);
    mkdirSync(join(at, 'node_modules/@types'), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules/@types/node'), join(at, 'node_modules/@types/node'));
    for (const name of files) writeFileSync(join(at, name), `${IMPORTS}${USE}`);
    const compilerOptions = {
      ...{ module, moduleResolution, target: 'es2022', lib: ['es2022', 'esnext.disposable'] },
      ...{
        strict: true,
        noEmit: true,
        // Both files of types are looked through once; the other ways of finding them change nothing in them.
        skipLibCheck: moduleResolution !== 'nodenext',
        types: ['node'],
        exactOptionalPropertyTypes: true,
      },
    };
    writeFileSync(join(at, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    return at;
  }

  test('fit every moduleResolution, strictly', async () => {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    // In one process: what all of them read is read once.
    const result = await run(process.execPath, [tsc, '--build', ...RESOLUTIONS.map(writeProject)]);
    expect(result).toMatchObject({ code: 0, stdout: '' });
  });
});

/** What `node --test` says where nobody looks: TAP, and from Node 23 on the same as on a terminal. */
const passes = (count: number) => expect.stringMatching(new RegExp(`^[#ℹ] pass ${count}$`, 'm'));

describe('the sample project', () => {
  test('tests in the process of the gateway', async () => {
    const result = await run('npm', ['test', '--silent'], sample);
    expect(result, result.stdout).toMatchObject({ code: 0, stdout: passes(2) });
  });

  test('tests beside a gateway of exec, and fails with them', async () => {
    const result = await run('npm', ['run', '--silent', 'test:exec'], sample);
    expect(result, result.stdout).toMatchObject({ code: 0, stdout: passes(1) });
    const receiver = join(sample, 'receiver.js');
    writeFileSync(
      receiver,
      readFileSync(receiver, 'utf8').replace('body, header:', "body: Buffer.from('x'), header:"),
    );
    const args = ['--test', 'test/in-process.test.js'];
    expect((await run(process.execPath, args, sample)).code).not.toBe(0);
  });
});

const PRINT_NAMES =
  "console.log(JSON.stringify(Object.keys(all).filter((name) => name !== 'default' && name !== 'module.exports').sort()));";

function leaves(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [value];
}

function sourceFiles(from: string): string[] {
  return readdirSync(from, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(from, name));
}
