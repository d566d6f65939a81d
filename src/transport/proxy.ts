import http from 'node:http';
import type { Socket } from 'node:net';
import { isLoopbackHost, lookUpOf } from './name-lookup.ts';

/** What the environment says of proxies. */
export interface ProxyRules {
  /** URL of the proxy for `http:` targets, and for `https:` ones, with the variable that names it. */
  http: { url: string; variable: string } | null;
  https: { url: string; variable: string } | null;
  /** Hosts that are reached without one. */
  except: readonly string[];
}

/** By the usual variables, of which the lower-case one wins; `null` where none is set. */
export function readProxyRules(env: Readonly<Record<string, string | undefined>>): ProxyRules | null {
  const read = (...names: string[]) => {
    const variable = names.find((name) => env[name]);
    return variable === undefined ? null : { url: env[variable]!, variable };
  };
  const rules = {
    http: read('http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'),
    https: read('https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'),
    except: (env.no_proxy ?? env.NO_PROXY ?? '')
      .split(/[\s,]+/)
      .filter(Boolean)
      .map((one) => one.toLowerCase()),
  };
  return rules.http === null && rules.https === null ? null : rules;
}

/** The proxy for a target, and the variable that names it; `null` for loopback and all that is excepted. */
export function findProxy(rules: ProxyRules, target: URL): { url: URL; variable: string } | null {
  const found = target.protocol === 'https:' ? rules.https : rules.http;
  const host = target.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (found === null || isLoopbackHost(host)) return null;
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  if (rules.except.some((one) => isExcepted(one, host, port))) return null;
  const text = found.url.includes('://') ? found.url : `http://${found.url}`;
  return URL.canParse(text) ? { url: new URL(text), variable: found.variable } : null;
}

/** As curl has it: a domain stands for itself and all below it, `*` for everything, a port may follow. */
function isExcepted(rule: string, host: string, port: string): boolean {
  if (rule === '*') return true;
  const [, name, only] = /^(?:\*?\.)?(.*?)(?::(\d+))?$/.exec(rule.replace(/^\[(.*)\]/, '$1')) ?? [];
  if (!name || (only !== undefined && only !== port)) return rule.replace(/[[\]]/g, '') === host;
  return host === name || host.endsWith(`.${name}`);
}

/** For the header `Proxy-Authorization`; `null` where the proxy's URL names no user. */
export function proxyCredentials({ username, password }: URL): string | null {
  if (username === '' && password === '') return null;
  const text = `${decode(username)}:${decode(password)}`;
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

/** A `%` of a password that was not written as `%25` means itself. */
function decode(text: string): string {
  return text.replace(/(?:%[\da-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}

/**
 * Asks a proxy for a connection to a host, over which TLS can be spoken then.
 *
 * @returns what ends the attempt.
 */
export function openTunnel(
  proxy: URL,
  host: string,
  port: string | number,
  callback: (error: Error | null, socket?: Socket) => void,
): () => void {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const credentials = proxyCredentials(proxy);
  const request = http.request({
    method: 'CONNECT',
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: proxy.port || 80,
    path: authority,
    headers: { Host: authority, ...(credentials && { 'Proxy-Authorization': credentials }) },
    ...lookUpOf(proxy.hostname),
    agent: false,
  });
  const refuse = (status: number | undefined) => {
    const message = `the proxy ${proxy.host} answers ${status} and makes no connection to ${authority}`;
    callback(Object.assign(new Error(message), { code: 'EPROXY' }));
  };
  request.once('connect', (response, socket) => {
    if (response.statusCode === 200) return callback(null, socket);
    socket.destroy();
    refuse(response.statusCode);
  });
  request.once('response', (response) => {
    response.destroy();
    refuse(response.statusCode);
  });
  request.once('error', (error) => callback(error));
  request.end();
  return () => void request.destroy();
}
