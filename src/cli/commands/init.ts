import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { DEMO, demoWorkspaces } from '../../contract/demo.ts';
import { asCalled } from '../../files/called-as.ts';
import { replaceLinked } from '../../files/draft-file.ts';
import { IS_ONE_FILE, readOwnFile } from '../../files/own-parts.ts';
import { CREDENTIALS } from '../config/ats.ts';
import { DEFAULT_PORT } from '../config/defaults.ts';
import { parseEnvText } from '../config/env-text.ts';
import { CONFIG_NAME, readNamed } from '../config/files.ts';
import { KITS, type Kit, writeKit } from '../init/kits.ts';
import { oneOf } from '../input/flags.ts';
import { parseTarget } from '../input/target.ts';
import { readEnvText, setEnvValue } from '../portal/env-file.ts';
import { CliError } from '../terminal/errors.ts';
import { fileProblem, type Io } from '../terminal/io.ts';
import { createOutput, type Output } from '../terminal/output.ts';

interface Options {
  atsId: string;
  webhookUrl?: string;
  force?: boolean;
  kit?: Kit;
}

const SECRETS = Object.values(CREDENTIALS).map(({ variable }) => variable);
/** Where no package holds the schema that editors read, a copy does. */
const SCHEMA_COPY = '.carvos/config.schema.json';
const IGNORED = ['.env', '.carvos/', '*.carvos-tmp*'];
/** Before the umask: what is no secret has the rights of any new file. */
const OPEN_MODE = 0o666;

export function define(command: Command, io: Io): void {
  command
    .option('--ats-id <id>', 'id of your ATS', DEMO.atsId)
    .option('--webhook-url <target>', 'your receiver: URL, host:port or port')
    .option(
      '--kit <kit>',
      `instead: a helper and an example for a test suite: ${Object.keys(KITS).join(', ')}`,
      oneOf('--kit', Object.keys(KITS) as Kit[]),
    )
    .option(
      '--force',
      'overwrite what is there: the config file and the secrets in .env, or the files of the kit',
    )
    .addHelpText(
      'after',
      `
Writes ${CONFIG_NAME}, which you commit, and .env with fresh secrets, which you do not: it gets
mode 0600, and its other lines stay. Adds what must not be committed to .gitignore.

With --kit it writes two files for your tests, which are yours from then on: a gateway, a receiver, and what to
expect of them. They need no configuration.

Examples:
  carvos init
  carvos init --ats-id my-ats --webhook-url http://localhost:3000/webhooks/carvos
  carvos init --kit pytest`,
    )
    .action((options: Options) => run(io, command, options));
}

function run(io: Io, command: Command, options: Options): void {
  const output = createOutput(io, command);
  try {
    if (options.kit === undefined) writeProject(io, output, options);
    else runKit(io, command, output, options.force === true, options.kit);
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`cannot write: ${fileProblem(error)}`, {
      where: io.cwd,
      next: 'check its permissions, and the room on its disk',
      cause: error,
    });
  }
}

function writeProject(io: Io, output: Output, options: Options): void {
  if (options.atsId === '' || options.atsId.length > 255 || /[\x00-\x1f\x7f]/.test(options.atsId)) {
    throw new CliError('--ats-id must be 1 to 255 characters without control characters');
  }
  const webhookUrl =
    options.webhookUrl === undefined ? null : parseTarget(options.webhookUrl, '--webhook-url').href;
  const paths = {
    config: join(io.cwd, CONFIG_NAME),
    env: join(io.cwd, '.env'),
    gitignore: join(io.cwd, '.gitignore'),
  };
  if (options.force !== true) refuseToOverwrite(paths);
  const secrets = withFreshSecrets(paths.env);
  const ignored = addIgnored(paths.gitignore);
  replaceLinked(paths.config, `${JSON.stringify(configFor(options.atsId, webhookUrl), null, 2)}\n`, openMode);
  replaceLinked(paths.env, secrets);
  if (IS_ONE_FILE) copySchema(join(io.cwd, SCHEMA_COPY));
  output.line(`wrote ${CONFIG_NAME}  to commit`);
  // Windows has no modes: there the folder's rights say who can read it.
  const readers = process.platform === 'win32' ? 'not to be shared' : 'for your eyes only (0600)';
  output.line(`wrote .env  fresh secrets, ${readers}`);
  if (ignored.length > 0) output.line(`added to .gitignore: ${ignored.join(', ')}`);
  output.line(asCalled('next: carvos dev'));
  output.document({
    config: paths.config,
    env: paths.env,
    gitignore_added: ignored,
    ats_id: options.atsId,
  });
}

function runKit(io: Io, command: Command, output: Output, force: boolean, kit: Kit): void {
  const other = ['atsId', 'webhookUrl'].find((name) => command.getOptionValueSource(name) === 'cli');
  if (other !== undefined) {
    throw new CliError(
      `--kit writes no configuration, so ${other === 'atsId' ? '--ats-id' : '--webhook-url'} says nothing`,
      {
        next: 'run carvos init twice: once with --kit, once without',
      },
    );
  }
  const files = writeKit(kit, io.cwd, { force, mode: openMode });
  const { next } = KITS[kit];
  for (const file of files) output.line(`wrote ${file}  yours to change`);
  output.line(asCalled(`next: ${next}`));
  if (kit === 'dotnet') output.note('carvos never ran this kit: its own tests cannot run .NET');
  output.document({ kit, files, next });
}

function refuseToOverwrite(paths: { config: string; env: string }): void {
  const next = 'add --force to overwrite';
  if (existsSync(paths.config))
    throw new CliError(`${CONFIG_NAME} exists already`, { where: paths.config, next });
  if (!existsSync(paths.env)) return;
  const present = parseEnvText(readEnvText(paths.env)).values;
  const taken = SECRETS.filter((name) => present[name] !== undefined);
  if (taken.length > 0)
    throw new CliError(`.env has ${taken.join(', ')} already`, { where: paths.env, next });
}

function configFor(id: string, webhookUrl: string | null): Record<string, unknown> {
  return {
    $schema: IS_ONE_FILE ? `./${SCHEMA_COPY}` : './node_modules/carvos/dist/schemas/config.schema.json',
    port: DEFAULT_PORT,
    db: '.carvos/carvos.db',
    speed: 60,
    receiverTimeout: '5s',
    ats: [
      {
        id,
        name: id === DEMO.atsId ? DEMO.atsName : id,
        webhookUrl,
        ...Object.fromEntries(
          Object.values(CREDENTIALS).map(({ field, variable }) => [field, { env: variable }]),
        ),
        workspaces: demoWorkspaces(),
      },
    ],
  };
}

function copySchema(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  replaceLinked(path, readOwnFile('schemas/config.schema.json')!.toString(), openMode);
}

/** What `.env` holds, with fresh secrets; lines that are not ours stay as they are. */
function withFreshSecrets(path: string): string {
  return SECRETS.reduce(
    (text, name) => setEnvValue(text, name, randomBytes(32).toString('base64url')),
    readEnvText(path),
  );
}

/** The rights that a file has, or that any new one gets. */
function openMode(target: string): number {
  const found = statSync(target, { throwIfNoEntry: false });
  return found === undefined ? OPEN_MODE & ~process.umask() : found.mode & 0o777;
}

function addIgnored(path: string): string[] {
  const before = existsSync(path) ? readNamed('.gitignore', path, 'make it a file that can be read') : '';
  const lines = new Set(before.split(/\r?\n/).map((line) => line.trim().replace(/^\//, '')));
  const missing = IGNORED.filter((entry) => !lines.has(entry) && !lines.has(entry.replace(/\/$/, '')));
  if (missing.length === 0) return [];
  const start = before === '' || before.endsWith('\n') ? before : `${before}\n`;
  replaceLinked(path, `${start}${missing.join('\n')}\n`, openMode);
  return missing;
}
