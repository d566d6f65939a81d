import { onTestFinished } from 'vitest';
import { postBytes } from '../../src/client/post-bytes.ts';
import {
  type AttemptRequest,
  type AttemptResult,
  createAttemptSender,
} from '../../src/emulator/delivery/send-attempt.ts';

/** A body that says nothing. */
const body = Buffer.from('{}');
const USUAL = { body, headers: [], timeoutMs: 60_000 };

/** What the gateway makes attempts with; it ends with the test. `{}` is sent without headers where nothing else is said. */
export function openSender() {
  const sender = createAttemptSender();
  onTestFinished(() => sender.close());
  const send = (request: Partial<AttemptRequest> & Pick<AttemptRequest, 'url'>) =>
    sender.send({ ...USUAL, ...request });
  return { ...sender, send };
}

type Ways = Pick<AttemptRequest, 'tls' | 'proxy'>;
type Said = Pick<AttemptResult, 'status' | 'tls'> & { code?: string | undefined; said?: string | undefined };
export type Client = (url: string, ways?: Ways) => () => Promise<Said>;

/**
 * The two clients that reach receivers: that of the gateway, and that of the commands. Each posts `{}` as often as it is
 * asked to, and says the status of the answer, or why there is none.
 */
export const CLIENTS: Record<'gateway' | 'commands', Client> = {
  gateway(url, ways) {
    const sender = openSender();
    return async () => {
      const { status, error, tls } = await sender.send({ url, ...ways });
      return { status, code: error?.code, said: error?.message, tls };
    };
  },
  commands: (url, ways) => async () => {
    const result = await postBytes({ url, body, timeoutMs: 60_000, ...ways });
    return result.ok
      ? { status: result.status, tls: result.tls }
      : { status: null, code: result.code, said: result.message, tls: result.tls };
  },
};
