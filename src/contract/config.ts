import * as z from 'zod';
import { AI_SHAPES, AiConfig } from './ai-rule.ts';
import { parseConfigText } from './config-text.ts';
import { ConfigFault } from './fault-rule.ts';
import { formatPath, type JsonPath } from './json-path.ts';
import { FASTEST_SPEED, SLOWEST_SPEED, SPEED_WORDS } from './limits.ts';
import { durationText, WebUrl } from './text-forms.ts';

/** The config file, `carvos.config.json`, complete and strict. Its JSON Schema ships for editors. */

const Text = z.string().min(1, 'must not be empty').max(255);
const Identifier = Text.regex(/^[^\x00-\x1f\x7f]+$/, 'must not contain control characters');
const Duration = durationText('"5s" or "1m30s"');

const SecretValue = z
  .union([z.string().min(1), z.strictObject({ env: Text.describe('name of an environment variable') })], {
    error: 'must be text or {"env":"NAME"}',
  })
  .describe('A secret, or where to find it. Committed files should hold only {"env":"NAME"}.');

const Member = z.strictObject({ userId: Identifier, name: Text, email: z.email() });

const Workspace = z.strictObject({
  clientId: Identifier,
  name: Text,
  members: z.array(Member).default([]),
});

/** Those that say what is sent, and to whom, are ours. */
const OWN_HEADER =
  /^(?:host|connection|content-.*|transfer-encoding|expect|te|trailer|upgrade|user-agent|x-webhook-signature|x-carv(?:os)?-.*)$/i;
const HeaderName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/, 'is not the name of a header')
  .refine((name) => !OWN_HEADER.test(name), 'is a header that carvos sets itself');

const Ats = z.strictObject({
  id: Identifier.describe('The ats_id in the path of the webhook endpoint'),
  name: Text.optional(),
  webhookUrl: WebUrl.nullable().optional().describe('Where outgoing events go'),
  apiKey: SecretValue.optional(),
  incomingSecret: SecretValue.optional(),
  outgoingSecret: SecretValue.optional(),
  receiverHeaders: z
    .record(HeaderName, SecretValue)
    .optional()
    .describe('Sent to the webhook URL and nowhere else, as for basic auth; the log masks the values'),
  workspaces: z.array(Workspace).optional().describe('Provisioned from the start'),
});

const Bound = z.int().min(1, 'must be a whole number from 1 to 10000').max(10_000);
const InFlight = z.strictObject({
  perReceiver: Bound.optional().describe('To one ATS'),
  overall: Bound.optional().describe('To all of them'),
});

export const ConfigSchema = z
  .strictObject({
    $schema: z
      .string()
      .optional()
      .describe('Where an editor finds this schema: ./node_modules/carvos/dist/schemas/config.schema.json'),
    host: Text.optional().describe('Address to listen on; 127.0.0.1 by default'),
    port: z.int().min(0).max(65_535).optional().describe('4010 by default'),
    allowHosts: z
      .array(Text)
      .optional()
      .describe("Names besides loopback's that the control API accepts in Host"),
    db: Text.optional().describe('Database file, or :memory:'),
    speed: z
      .union(
        [
          z
            .number()
            .min(SLOWEST_SPEED, `must be ${SPEED_WORDS}`)
            .max(FASTEST_SPEED, `must be ${SPEED_WORDS}`),
          z.enum(['max', 'manual']),
        ],
        { error: `must be ${SPEED_WORDS}` },
      )
      .optional()
      .describe('Schedule seconds per real second; 60 by default'),
    receiverTimeout: z
      .union([z.literal('off'), Duration], { error: 'must be "off" or a duration like "5s"' })
      .optional()
      .describe('How long a receiver may take for its whole answer; 5s by default, as in production'),
    receiver: z
      .enum(['local', 'production'])
      .optional()
      .describe('"production" delivers to https:// with a trusted certificate only; "local" by default'),
    receiverCa: Text.optional().describe(
      'Certificates of receivers that are trusted too: a PEM file, or "system" for the system’s store',
    ),
    receiverCert: Text.optional().describe(
      'PEM file that carvos shows a receiver that asks for a certificate',
    ),
    receiverKey: Text.optional().describe('PEM file with its private key'),
    provisioningLatency: Duration.optional().describe(
      'How long provisioning a workspace takes; 300ms by default',
    ),
    inFlight: InFlight.optional().describe('Attempts in flight at once; 64 per receiver and 512 overall'),
    unprovisioned: z
      .enum(['reject', 'fail-later'])
      .optional()
      .describe('What a request for an unknown workspace gets: 404 or 409, or 202 and a failed event later'),
    ats: z
      .array(Ats)
      .min(1, 'must hold at least one ATS')
      .optional()
      .describe('Who uses the gateway; demo-ats with demo credentials by default'),
    ai: AiConfig.optional().describe(
      'The AI backend: the stub, rules, a service or module of yours, recordings',
    ),
    faults: z.array(ConfigFault).optional().describe('Faults on purpose; the first that matches is applied'),
    seed: z
      .int()
      .min(0)
      .optional()
      .describe('What decides on faults: the same seed and events give the same faults'),
  })
  .superRefine((config, context) => {
    for (const list of ['ats', 'faults'] as const) {
      const ids = config[list]?.map(({ id }) => id) ?? [];
      ids.forEach((id, index) => {
        if (id === undefined || ids.indexOf(id) === index) return;
        const message = `the id ${id} is there twice`;
        context.addIssue({ code: 'custom', path: [list, index, 'id'], message });
      });
    }
  });

/** What a file that is right holds. */
export type ConfigContent = z.infer<typeof ConfigSchema>;

export interface ConfigProblem {
  /** `ats[0].webhookUrl`. */
  path: string;
  /** One-based. */
  line: number;
  /** What is wrong and what is allowed. */
  message: string;
  /** For an unknown key: the keys that exist there. */
  allowed: string[];
}

/** More of them help nobody, and a file may hold hundreds of thousands. */
export const MOST_PROBLEMS = 100;

/** The problems of a config file's text in the order of its lines, at most `MOST_PROBLEMS`; empty when it is right. */
export async function validateConfigText(text: string): Promise<ConfigProblem[]> {
  let value: unknown;
  try {
    value = parseConfigText(text);
  } catch {
    const { findJsonProblem } = await import('./json-position.ts');
    const { line, message } = findJsonProblem(text);
    return [{ path: '', line, message: `not valid JSON: ${message}`, allowed: [] }];
  }
  const result = ConfigSchema.safeParse(value);
  if (result.success) return [];
  const { locateIssues } = await import('./json-position.ts');
  return locateIssues(text, result.error.issues)
    .sort((a, b) => a.line - b.line)
    .slice(0, MOST_PROBLEMS)
    .map(({ path, line, message, unknown }) => ({
      path: formatPath(path),
      line,
      message: unknown ? 'is not a known field' : message,
      allowed: unknown ? keysAt(path.slice(0, -1)) : [],
    }));
}

/** The keys of the strict object at a path, ignoring list indexes. */
function keysAt(path: JsonPath): string[] {
  const names = path.filter((part) => typeof part === 'string').join('.');
  const shapes: Record<string, Record<string, unknown>> = {
    '': ConfigSchema.shape,
    ats: Ats.shape,
    inFlight: InFlight.shape,
    'ats.workspaces': Workspace.shape,
    'ats.workspaces.members': Member.shape,
    faults: ConfigFault.unwrap().shape,
    ...AI_SHAPES,
  };
  return Object.keys(shapes[names] ?? {});
}
