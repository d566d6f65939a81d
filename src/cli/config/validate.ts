import { CliError, didYouMean } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import type { LoadOptions } from './ats.ts';
import { readFacts } from './facts.ts';
import { type ConfigFile, readConfigFile } from './files.ts';
import { type Config, loadConfig } from './load.ts';

/**
 * `loadConfig` after a check of the whole config file. Loads zod: for the commands that do so anyway.
 *
 * @throws CliError (exit 2) that lists every problem with file, line and field.
 */
export async function loadValidConfig(
  io: Pick<Io, 'env' | 'cwd'>,
  options: LoadOptions = {},
): Promise<Config> {
  const file = readConfigFile(io.cwd, options.config);
  if (file !== null) await validateFile(file);
  const config = loadConfig(io, options);
  return { ...config, facts: await readFacts(config.folder) };
}

async function validateFile({ path, text }: ConfigFile): Promise<void> {
  const { MOST_PROBLEMS, validateConfigText } = await import('../../contract/config.ts');
  const problems = await validateConfigText(text);
  if (problems.length === 0) return;
  const lines = problems.map(({ path: field, line, message, allowed }) => {
    const name = field.slice(field.lastIndexOf('.') + 1);
    const hint =
      allowed.length === 0 ? '' : didYouMean(name, allowed) || ` Known here: ${allowed.join(', ')}.`;
    return `  ${path}:${line}  ${field === '' ? '' : `${field}: `}${message}${hint === '' ? '' : `.${hint}`}`;
  });
  if (lines.length === MOST_PROBLEMS) lines.push(`  these are the first ${MOST_PROBLEMS}`);
  throw new CliError(`the config file is not valid\n${lines.join('\n')}`, { next: 'correct it there' });
}
