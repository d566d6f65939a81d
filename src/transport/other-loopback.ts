import { isListening } from './is-listening.ts';

/**
 * Whether something listens on the loopback address of the other family: many development servers listen on one of
 * the two alone. Asked when a literal address refused; the name localhost stands for both.
 */
export async function listensOnOtherLoopback(url: URL): Promise<boolean> {
  const host = OTHER[url.hostname];
  return host !== undefined && (await isListening(url, host));
}

const OTHER: Record<string, string> = { '127.0.0.1': '::1', '[::1]': '127.0.0.1' };
