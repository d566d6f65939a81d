import { isControlToken } from '../../contract/control/calls.ts';
import { DEMO, demoWorkspaces } from '../../contract/demo.ts';
import { Facts } from '../../contract/facts/facts.ts';
import { IN_FLIGHT, RECEIVER_TIMEOUT_MS } from '../../contract/limits.ts';
import { newCredential } from '../ats/registry.ts';
import type { AtsOptions, EmulatorOptions } from '../settings.ts';

/** An ATS of which only the id has to be said; credentials that are left out are random, those of the demo ATS known. */
export type StartAts = Partial<AtsOptions> & { id: string };

/** Everything has a default. */
export interface StartOptions extends Partial<Omit<EmulatorOptions, 'ats'>> {
  /** The demo ATS by default: `demo-ats` with workspace `acme-corp` and member `admin-user`. */
  ats?: readonly StartAts[];
  /** Where the webhooks of the first ATS go; can be set later (`setWebhookUrl`). */
  webhookUrl?: string | null;
}

/** Every option there is; the compiler notices one that is missing. */
const OPTIONS: Record<keyof StartOptions, true> = {
  ats: true,
  webhookUrl: true,
  host: true,
  port: true,
  allowHosts: true,
  portal: true,
  database: true,
  controlToken: true,
  tls: true,
  inFlight: true,
  onListening: true,
  speed: true,
  receiverTimeoutMs: true,
  unprovisioned: true,
  provisioningLatencyMs: true,
  fallbackWebhookUrl: true,
  holdWithoutUrl: true,
  receiverTls: true,
  receiverProxy: true,
  strictHttps: true,
  faults: true,
  seed: true,
  ai: true,
  facts: true,
};

export type NormalOptions = EmulatorOptions & Required<Pick<EmulatorOptions, 'inFlight'>>;

/**
 * The options with everything filled in: a free port on loopback, an empty database in memory, and the
 * clock at `max`, so that retries come at once.
 *
 * @throws TypeError for an option that there is not, a token that no client can send, and facts that are none.
 */
export function normalizeOptions(options: StartOptions): NormalOptions {
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(OPTIONS, name)) {
      throw new TypeError(`there is no option ${name}; there are ${Object.keys(OPTIONS).join(', ')}`);
    }
  }
  if (options.controlToken !== undefined && !isControlToken(options.controlToken))
    throw new TypeError('controlToken cannot stand in a header, as it has to');
  const { ats = [{ id: DEMO.atsId }], webhookUrl, facts, ...rest } = options;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    host: '127.0.0.1',
    port: 0,
    allowHosts: [],
    database: ':memory:',
    unprovisioned: 'reject',
    receiverTimeoutMs: RECEIVER_TIMEOUT_MS,
    speed: 'max',
    provisioningLatencyMs: 0,
    fallbackWebhookUrl: null,
    inFlight: IN_FLIGHT,
    ...given,
    facts: facts === undefined ? undefined : checkFacts(facts),
    ats: ats.map((one, index) => fillAts(one, index === 0 ? webhookUrl : undefined)),
  };
}

function checkFacts(facts: Facts): Facts {
  const checked = Facts.safeParse(facts);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw new TypeError(`facts: ${[...issue!.path, issue!.message].join(': ')}`);
}

function fillAts(ats: StartAts, webhookUrl: string | null | undefined): AtsOptions {
  const demo = ats.id === DEMO.atsId;
  const secret = (known: string) => (demo ? known : newCredential());
  return {
    id: ats.id,
    name: ats.name ?? (demo ? DEMO.atsName : ats.id),
    webhookUrl: webhookUrl ?? ats.webhookUrl ?? null,
    webhookUrlAsked: ats.webhookUrlAsked,
    apiKey: ats.apiKey ?? secret(DEMO.apiKey),
    incomingSecret: ats.incomingSecret ?? secret(DEMO.incomingSecret),
    outgoingSecret: ats.outgoingSecret ?? secret(DEMO.outgoingSecret),
    workspaces: ats.workspaces ?? demoWorkspaces(),
    receiverHeaders: ats.receiverHeaders,
  };
}
