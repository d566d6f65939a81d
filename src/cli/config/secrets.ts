import type { JsonPath } from '../../contract/json-path.ts';
import { CliError } from '../terminal/errors.ts';
import { CONFIG_NAME, type ConfigFile, configError, type EnvFile } from './files.ts';

/** What sets a secret that no variable is for. */
const CONFIG_FILE = 'the config file';

/** A secret with where it came from. Missing is no error until somebody needs it. */
export interface Secret {
  value: string | null;
  /** `CARVOS_API_KEY (environment)`, `CARVOS_API_KEY (.env)`, `carvos.config.json`, `default`. */
  origin: string;
  /** `incoming secret`, for messages. */
  label: string;
  /** What would set it, for the message when it is missing. */
  setBy: string;
}

/** The process environment over `.env`. Empty counts as unset. */
export interface Environment {
  /** `isOwn`: of the process, not of `.env`. */
  get(name: string): { value: string; origin: string; isOwn: boolean } | null;
}

export function createEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  file: EnvFile | null,
  warn: (text: string) => void = () => {},
): Environment {
  for (const { line, message } of file?.problems ?? []) warn(`${file!.path}:${line}: ${message}`);
  return {
    get(name) {
      // The config file names variables: `__proto__` is none.
      const own = Object.hasOwn(env, name) ? env[name] : undefined;
      if (own !== undefined && own !== '')
        return { value: own, origin: `${name} (environment)`, isOwn: true };
      const values = file?.values ?? {};
      const filed = Object.hasOwn(values, name) ? values[name] : undefined;
      const doubt = file?.doubts.get(name);
      if (doubt !== undefined) warn(`${file!.path}:${doubt.line}: ${doubt.message}`);
      if (filed !== undefined && filed !== '')
        return { value: filed, origin: `${name} (.env)`, isOwn: false };
      return null;
    },
  };
}

export interface SecretSource {
  label: string;
  /** The variable that sets it for the one or the selected ATS; `null` for the others. */
  variable: string | null;
  field: { file: ConfigFile; path: JsonPath; value: unknown } | null;
  fallback: string | null;
}

/**
 * Environment over `.env` over the file's value or reference over the default.
 *
 * @throws CliError (exit 2) when the file's field is neither text nor `{"env":"NAME"}`.
 */
export function resolveSecret(source: SecretSource, environment: Environment): Secret {
  const { label, variable, field, fallback } = source;
  const direct = variable === null ? null : environment.get(variable);
  if (direct !== null) return { value: direct.value, origin: direct.origin, label, setBy: variable! };
  if (field === null || field.value === undefined) {
    return { value: fallback, origin: 'default', label, setBy: variable ?? CONFIG_FILE };
  }
  if (typeof field.value === 'string' && field.value !== '') {
    return { value: field.value, origin: CONFIG_NAME, label, setBy: CONFIG_FILE };
  }
  const name = (field.value as { env?: unknown } | null)?.env;
  if (typeof name !== 'string' || name === '') {
    throw configError(field.file, field.path, 'must be text or {"env":"NAME"}');
  }
  const referred = environment.get(name);
  return { value: referred?.value ?? null, origin: referred?.origin ?? name, label, setBy: name };
}

/**
 * The secret's value.
 *
 * @throws CliError (exit 2) when it is not set.
 */
export function requireSecret(secret: Secret): string {
  if (secret.value !== null) return secret.value;
  throw new CliError(`the ${secret.label} is not set`, {
    next:
      secret.setBy === CONFIG_FILE
        ? 'set it in the config file, as text or as {"env":"NAME"}'
        : `set ${secret.setBy} in .env or in the environment`,
  });
}
