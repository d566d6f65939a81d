import { basename, join, resolve } from 'node:path';
import { parseConfigText } from '../../contract/config-text.ts';
import { isRecord } from '../../contract/is-record.ts';
import { formatPath, type JsonPath } from '../../contract/json-path.ts';
import { decodeText } from '../../files/decode-text.ts';
import { describePlanted, findUpward, isThere } from '../../files/folders-upward.ts';
import { readWhole } from '../../files/read-whole.ts';
import { CliError } from '../terminal/errors.ts';
import { fileProblem } from '../terminal/io.ts';
import { type EnvText, parseEnvText } from './env-text.ts';

export const CONFIG_NAME = 'carvos.config.json';
/** A huge file is no settings. */
const LARGEST_MIB = 1;

export interface ConfigFile {
  path: string;
  text: string;
  value: Record<string, unknown>;
}

/**
 * The config file: the one given, else the nearest `carvos.config.json` upward from `folder`.
 *
 * @throws CliError (exit 2) when the one given is not there, or what is there is no JSON object.
 */
export function readConfigFile(folder: string, given?: string): ConfigFile | null {
  const path = given === undefined ? findUpward(folder, CONFIG_NAME) : resolve(folder, given);
  if (path === null) return null;
  if (given === undefined) refusePlanted(path, 'if you trust it, name it with --config');
  const next = given === undefined ? 'check its permissions' : 'check --config, or run carvos init';
  const text = readNamed('the config file', path, next);
  let value: unknown;
  try {
    value = parseConfigText(text);
  } catch {
    throw new CliError('the config file is not valid JSON', {
      where: async () => {
        const { findJsonProblem } = await loadPositions();
        const { line, column, message } = findJsonProblem(text);
        return `${path}:${line}:${column}: ${message}`;
      },
      next: 'correct it there',
    });
  }
  if (!isRecord(value)) {
    throw new CliError('the config file must hold a JSON object', {
      where: `${path}:1`,
      next: 'see carvos init',
    });
  }
  return { path, text, value };
}

export function configError(file: ConfigFile, path: JsonPath, message: string): CliError {
  return new CliError(`${formatPath(path) || basename(file.path)}: ${message}`, {
    where: async () => {
      const { createLocator } = await loadPositions();
      return `${file.path}:${createLocator(file.text)(path).line}`;
    },
    next: 'correct it there',
  });
}

/** Loaded by need: the light commands read this file at each start. */
const loadPositions = () => import('../../contract/json-position.ts');

export interface EnvFile extends EnvText {
  path: string;
}

export function readEnvFile(folder: string): EnvFile | null {
  const path = join(folder, '.env');
  if (!isThere(path)) return null;
  refusePlanted(path, 'work in a folder of your own');
  return { path, ...parseEnvText(readNamed('.env', path, 'check it')) };
}

/** @throws CliError (exit 2) for a file or folder that another user may have left where it would be found. */
export function refusePlanted(path: string, next: string): void {
  const planted = describePlanted(path);
  if (planted !== null) throw new CliError(planted, { next });
}

/** The text of a file that holds settings. @throws CliError (exit 2) where it cannot be read. */
export function readNamed(name: string, path: string, next: string, where = path): string {
  try {
    return decodeText(readWhole(path, LARGEST_MIB));
  } catch (error) {
    throw new CliError(`cannot read ${name}: ${fileProblem(error)}`, { where, next, cause: error });
  }
}
