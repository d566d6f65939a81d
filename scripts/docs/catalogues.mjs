import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

const ENTRY = `
  export { COMMANDS } from './src/cli/commands/index.ts';
  export { createCommand } from './src/cli/command-line/create-command.ts';
  export { createIo } from './src/cli/terminal/io.ts';
  export { OUTPUTS } from './src/contract/output/catalogue.ts';
  export { buildJsonSchemas } from './src/contract/output/json-schemas.ts';
  export { EXIT } from './src/cli/terminal/errors.ts';
  export { ASSUMPTIONS } from './src/contract/assumptions.ts';
  export { ENVIRONMENT } from './src/contract/environment.ts';
  export { ERRORS } from './src/contract/errors.ts';
  export { RETRY_DELAYS_MS } from './src/contract/retry-schedule.ts';
  export { FAULTS } from './src/contract/faults.ts';
  export { controlDocument } from './src/contract/openapi/control.ts';
  export { FINDINGS } from './src/signing/diagnose/catalogue.ts';
  export { PROBE_FACTS } from './src/client/check/catalogue.ts';
  export { MAGIC_TAGS } from './src/emulator/processing/stub/magic.ts';`;

/** What the program knows of itself, from its sources: Node 20 cannot import TypeScript. */
export async function importCatalogues() {
  // Below the project, so that packages are found.
  const folder = await mkdtemp(join(root, 'node_modules/.carvos-docs-'));
  try {
    await build({
      stdin: { contents: ENTRY, resolveDir: root, sourcefile: 'catalogues.ts' },
      absWorkingDir: root,
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      outdir: folder,
      entryNames: 'catalogues',
      outExtension: { '.js': '.mjs' },
      define: { __CARVOS_VERSION__: '"0"' },
      loader: { '.bash': 'text', '.zsh': 'text', '.fish': 'text' },
      jsx: 'automatic',
      logLevel: 'error',
    });
    const catalogues = await import(pathToFileURL(join(folder, 'catalogues.mjs')).href);
    return { ...catalogues, helps: await readHelps(catalogues) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What \`--help\` prints, of every command and subcommand: `[words, text]`. */
async function readHelps({ COMMANDS, createCommand, createIo }) {
  const helps = [];
  for (const name of Object.keys(COMMANDS)) {
    let text = '';
    const take = (command) => {
      command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 110 });
      for (const child of command.commands) take(child);
    };
    const command = await createCommand(name, createIo());
    take(command);
    const print = (one, words) => {
      text = '';
      one.outputHelp();
      helps.push([words, text.trimEnd()]);
      for (const child of one.commands) print(child, `${words} ${child.name()}`);
    };
    print(command, `carvos ${name}`);
  }
  return helps;
}
