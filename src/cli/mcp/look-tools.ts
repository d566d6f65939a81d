import * as z from 'zod';
import { Outcome } from '../../contract/control.ts';
import { criteriaOfKeys, MATCH_KEYS } from '../../contract/delivery-match.ts';
import { ALL_EVENTS, EVENT_DIRECTIONS } from '../../contract/event-names.ts';
import { explainAttemptOf, explainDeliveries, whyOf } from '../connect/explain-deliveries.ts';
import { findTrace } from '../connect/find-trace.ts';
import { CliError, EXIT } from '../terminal/errors.ts';
import { defining, Fields, flags, resultOf, TimeoutMs, type Tool } from './tool.ts';

/** Tools that change nothing. */
const defineTool = defining({ writes: false });

const Direction = z.enum(EVENT_DIRECTIONS).describe('incoming: ATS → CarvOS. outgoing: CarvOS → ATS');
const EventName = z.enum(ALL_EVENTS as [string, ...string[]]);
const DeliveryId = z.string().describe('dlv_…, or dlv_…/3 for one attempt');

export const LOOK_TOOLS: readonly Tool[] = [
  defineTool({
    name: 'status',
    title: 'Status',
    description:
      'Is the gateway running, where; counts, ATSs, the clock of the retry schedule, faults in force.',
    input: {},
    async run({ command }) {
      const status = resultOf(await command(['status']));
      const { value } = resultOf(await command(['fault', 'list']));
      return { ...status, value: { ...status.value, faults: value.items } };
    },
  }),
  defineTool({
    name: 'events',
    title: 'Events',
    description: 'The catalogue of events; with an event, a sample and the JSON Schema of its body.',
    input: { event: EventName.optional(), direction: Direction.optional() },
    run: async ({ command }, { event, direction }) =>
      resultOf(
        await command(['events', ...flags({ direction }), '--', ...(event === undefined ? [] : [event])]),
      ),
  }),
  defineTool({
    name: 'deliveries',
    title: 'Delivery log',
    description:
      'Attempts of both directions, newest first; with an id, one delivery or attempt: body, headers, answer, diagnosis.',
    input: {
      id: DeliveryId.optional(),
      direction: Direction.optional(),
      outcome: Outcome.optional(),
      event: EventName.optional(),
      client_id: z.string().optional(),
      reference_id: z.string().optional(),
      since: z.string().optional().describe('An age such as 10m, or a time'),
      limit: z.int().min(1).max(100).default(20),
      cursor: z.string().optional(),
    },
    async run({ command }, { id, ...filters }) {
      if (id !== undefined) return resultOf(await command(['deliveries', 'show', '--', id]));
      return resultOf(await command(['deliveries', 'list', ...flags(filters)]));
    },
  }),
  defineTool({
    name: 'trace',
    title: 'Trace',
    description:
      'All that one reference_id caused: accepted, AI job, deliveries with their attempts. `why` says why a delivery failed. An id of a delivery or event leads there too.',
    input: { id: z.string().describe('A reference_id; or the id of a delivery, attempt or event') },
    run: ({ withClient, output }, { id }) =>
      withClient(async (client) => {
        const trace = await findTrace(client, id, output);
        return {
          exitCode: EXIT.ok,
          value: { ...trace, deliveries: await explainDeliveries(client, trace.deliveries) },
        };
      }),
  }),
  defineTool({
    name: 'wait',
    title: 'Wait for a delivery',
    description: `Waits for an outgoing delivery on which everything of \`where\` holds; otherwise the closest one, what differs, and why. Keys: ${MATCH_KEYS.join(', ')}, data. A value, or what is asked of it: equals, not, contains, matches, exists, gt, gte, lt, lte, length, oneOf, type.`,
    input: {
      where: Fields.describe('{"reference_id": "…", "outcome": "delivered", "data": {"score": {"gte": 40}}}'),
      timeout_ms: TimeoutMs,
    },
    run: ({ withClient }, { where, timeout_ms }) =>
      withClient(async (client) => {
        const wrong = Object.keys(where).find((key) => criteriaOfKeys({ [key]: 1 }) === null);
        if (wrong !== undefined)
          throw new CliError(`a delivery has no ${wrong}`, {
            next: `ask for ${MATCH_KEYS.join(', ')} or data`,
          });
        const result = await client.waitForDelivery({ where: JSON.stringify(where) }, timeout_ms);
        const found = result.delivery ?? result.closest?.delivery;
        const why = found === undefined ? null : await whyOf(client, found.id);
        return { exitCode: result.met ? EXIT.ok : EXIT.notMet, value: { ...result, why } };
      }),
  }),
  defineTool({
    name: 'explain',
    title: 'Explain a signature',
    description:
      'Does a signature verify, and if not, which mistake led to exactly this value and how to mend it. Of a delivery of the log, with `computed` the 64 hex digits that your receiver computed; or of a body and its X-Webhook-Signature, with the configured secret.',
    input: {
      delivery: DeliveryId.optional(),
      computed: z.string().optional().describe('What your receiver computed'),
      body: z.string().optional().describe('The exact text of the body'),
      signature: z.string().optional().describe('t=…,v1=…'),
      direction: Direction.optional().describe('Whose secret, for a body; outgoing by default'),
      at: z.string().optional().describe('Judge the age as of this time'),
    },
    async run({ command, withClient }, { delivery, computed, body, signature, direction, at }) {
      const isSigned = signature !== undefined && body !== undefined;
      if (delivery === undefined ? !isSigned : signature !== undefined)
        throw new CliError('give delivery, or body and signature');
      const given = flags({ delivery, computed, signature, direction, at });
      const result = resultOf(await command(['verify', ...given, ...(delivery ? [] : ['--', '-'])], body));
      if (delivery === undefined || computed !== undefined) return result;
      // The signature of a delivery is right; what its receiver made of it stands in the receiver's answer.
      const why = await withClient((client) => explainAttemptOf(client, String(result.value.id)));
      return { ...result, value: { ...result.value, why: why.join(' ') || null } };
    },
  }),
];
