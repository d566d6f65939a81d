import { clientVariables } from '../tls/client-variables.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** As every client understands them, with and without brackets and dots. */
const LOOPBACK = ['localhost', '127.0.0.1', '::1', '[::1]', '.localhost'];

/**
 * The environment of the command: with the gateway's variables, no proxy for loopback, and what lets clients trust
 * the gateway's certificate. What the user set for the last stays.
 */
export function childEnv(env: Env, gateway: object, caFile: string | undefined): Env {
  const noProxy = withLoopback(env.NO_PROXY ?? env.no_proxy);
  const { CARVOS_CA_FILE, ...usual } = caFile === undefined ? {} : clientVariables(caFile);
  const trust =
    CARVOS_CA_FILE === undefined ? {} : { ...usual, ...pick(env, Object.keys(usual)), CARVOS_CA_FILE };
  return { ...env, NO_PROXY: noProxy, no_proxy: noProxy, ...gateway, ...trust };
}

function withLoopback(given: string | undefined): string {
  const listed = (given ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
  if (listed.includes('*')) return '*';
  return [...new Set([...listed, ...LOOPBACK])].join(',');
}

/** Those of the variables that are set. */
function pick(env: Env, names: readonly string[]): Env {
  return Object.fromEntries(names.filter((name) => env[name]).map((name) => [name, env[name]]));
}
