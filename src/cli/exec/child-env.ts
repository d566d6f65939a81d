import { clientVariables } from '../tls/client-variables.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** As every client understands them, with and without brackets and dots. */
const LOOPBACK = ['localhost', '127.0.0.1', '::1', '[::1]', '.localhost'];

/**
 * The environment of the command: with the gateway's variables, no proxy for loopback, and what lets clients trust
 * the gateway's certificate.
 */
export function childEnv(env: Env, gateway: object, caFile: string | undefined): Env {
  const noProxy = withLoopback(env.NO_PROXY ?? env.no_proxy);
  const trust = caFile === undefined ? {} : clientVariables(caFile, env);
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
