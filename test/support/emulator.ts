import { expect, onTestFinished } from 'vitest';
import { createControlClient } from '../../src/client/control-client.ts';
import { type EmulatorOptions, startEmulator } from '../../src/emulator/index.ts';
import { type Respond, startTestReceiver } from './receiver.ts';
import { signLikeTheGuides } from './sign.ts';
// What a gateway loads with its first request: a test compiles it first, and whoever waits for an answer has a limit.
import '../../src/contract/control/routes.ts';
import '../../src/emulator/server/app.ts';

/** For what surely comes: the library's own limit of 4 seconds would judge how busy the machine is. */
export const PATIENT = { timeout: 60_000 };

export const SECRETS = { incoming: 'test-incoming-secret', outgoing: 'test-outgoing-secret' };

/** Options of a small gateway with one ATS and one workspace. */
export function testOptions(
  overrides: Partial<EmulatorOptions> = {},
  webhookUrl: string | null = null,
): EmulatorOptions {
  return {
    host: '127.0.0.1',
    port: 0,
    allowHosts: [],
    database: ':memory:',
    provisioningLatencyMs: 0,
    unprovisioned: 'reject',
    receiverTimeoutMs: 30_000,
    speed: 'manual',
    fallbackWebhookUrl: null,
    ats: [testAts('test-ats', webhookUrl)],
    ...overrides,
  };
}

export function testAts(id: string, webhookUrl: string | null, secrets = SECRETS) {
  return {
    id,
    name: `ATS ${id}`,
    webhookUrl,
    apiKey: `key-of-${id}`,
    incomingSecret: secrets.incoming,
    outgoingSecret: secrets.outgoing,
    workspaces: [
      {
        clientId: 'acme-corp',
        name: 'Acme',
        members: [{ userId: 'admin-user', name: 'Admin', email: 'a@acme.example' }],
      },
    ],
  };
}

/** A gateway that ends with the test. */
export async function startTestEmulator(
  overrides: Partial<EmulatorOptions> = {},
  webhookUrl: string | null = null,
) {
  const emulator = await startEmulator(testOptions(overrides, webhookUrl));
  onTestFinished(() => emulator.close());
  const control = createControlClient({ url: emulator.url, token: emulator.controlToken });
  /** Posts an event, a candidate where none is given, and waits for what comes of it. */
  const postAndWait = async (
    until: 'first-attempt' | 'settled' | 'success',
    event: unknown = candidateCreated(),
    options?: PostOptions,
  ) => {
    const { status, json } = await postWebhook(emulator.url, event, options);
    expect(status, JSON.stringify(json)).toBe(202);
    const reference_id: string = json.reference_id;
    return { reference_id, ...(await control.wait(reference_id, { until, timeoutMs: 60_000 })) };
  };
  return { emulator, control, postAndWait };
}

/** The same with a receiver that it delivers to. */
export async function startDelivering({
  respond,
  ...overrides
}: Partial<EmulatorOptions> & { respond?: Respond } = {}) {
  const receiver = await startTestReceiver(respond);
  return { receiver, ...(await startTestEmulator(overrides, receiver.url)) };
}

let counter = 0;

/** A valid incoming event. */
export function candidateCreated(fields: Record<string, unknown> = {}): Record<string, unknown> {
  const n = ++counter;
  return {
    event: 'candidate.created',
    event_id: `evt-${n}`,
    client_id: 'acme-corp',
    user_id: 'admin-user',
    candidate_id: `cand-${n}`,
    first_name: 'Jane',
    last_name: 'Smith',
    email: 'jane@example.com',
    ...fields,
  };
}

export interface PostOptions {
  ats?: string;
  secret?: string;
  signature?: string | null;
  t?: number;
  headers?: Record<string, string>;
}

/** Posts a webhook as an ATS would. */
export async function postWebhook(url: string, event: unknown, options: PostOptions = {}) {
  const body = event instanceof Uint8Array ? Buffer.from(event) : Buffer.from(JSON.stringify(event));
  const signature =
    options.signature ?? signLikeTheGuides(body, options.secret ?? SECRETS.incoming, options.t);
  const response = await fetch(`${url}/v1/webhooks/${options.ats ?? 'test-ats'}`, {
    method: 'POST',
    body,
    headers: {
      'Content-Type': 'application/json',
      ...(options.signature === null ? {} : { 'X-Webhook-Signature': signature }),
      ...options.headers,
    },
  });
  const text = await response.text();
  return { status: response.status, json: text === '' ? null : JSON.parse(text) };
}
