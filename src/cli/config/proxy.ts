import { type ProxyRules, readProxyRules } from '../../transport/proxy.ts';
import { CliError } from '../terminal/errors.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The proxies that `--proxy` obeys; `undefined` without it.
 *
 * @throws CliError (exit 2) where the environment names none, or one that cannot be used.
 */
export function resolveProxy(flags: { proxy?: boolean }, env: Env): ProxyRules | undefined {
  if (flags.proxy !== true) return undefined;
  const rules = readProxyRules(env);
  if (rules === null) {
    throw new CliError('--proxy: the environment names no proxy', { next: 'set HTTPS_PROXY, or HTTP_PROXY' });
  }
  const strange = [rules.http, rules.https].find((one) => one !== null && !isHttp(one.url));
  if (strange) {
    throw new CliError(`--proxy: ${strange.variable} does not name an http:// proxy`, {
      next: 'only those are known: neither https:// nor socks:// to the proxy itself',
    });
  }
  return rules;
}

function isHttp(text: string): boolean {
  return /^http:\/\//i.test(text)
    ? URL.canParse(text)
    : !text.includes('://') && URL.canParse(`http://${text}`);
}
