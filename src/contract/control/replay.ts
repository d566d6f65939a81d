import * as z from 'zod';
import { WebUrl } from '../text-forms.ts';
import { versioned } from './basics.ts';

/** Delivering again. */

const ReplayTarget = WebUrl.refine((url) => !holdsCredentials(url), 'must hold no credentials');

function holdsCredentials(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username !== '' || password !== '';
}

/** Instead of the gateway's own rules, until the gateway is started again. */
const RECEIVER_TLS = {
  /** Certificates that are trusted beside the public authorities, each as PEM. */
  receiver_ca: z
    .array(z.string().max(64 * 1024))
    .max(1000)
    .optional(),
  /** A loopback or private address may show a certificate that is not trusted. */
  insecure_receiver: z.boolean().optional(),
};

/** How one delivery is made again. */
export const ReplayRequest = z.strictObject({
  /** Instead of the ATS's webhook URL. */
  to: ReplayTarget.optional(),
  /** Send the signature that was recorded with the newest attempt, instead of signing anew. */
  original: z.boolean().default(false),
  ...RECEIVER_TLS,
  /** With `original`: the signature of this attempt. */
  attempt: z.int().min(1).optional(),
  /** Other bytes, at most 1 MiB. */
  body_base64: z.base64().optional(),
});
export type ReplayRequest = z.input<typeof ReplayRequest>;

/** Which deliveries to replay: those named, or those that fit all filters. */
export const ReplayManyRequest = z.strictObject({
  ids: z.array(z.string()).min(1).max(10_000).optional(),
  /** Those exhausted that no replay has delivered since; otherwise every delivery that has ended. */
  exhausted: z.boolean().default(false),
  /** Created then or later; ISO 8601. */
  since: z.iso.datetime().optional(),
  event: z.string().optional(),
  client_id: z.string().optional(),
  to: ReplayTarget.optional(),
  original: z.boolean().default(false),
  ...RECEIVER_TLS,
  /** Only say which they are. */
  dry_run: z.boolean().default(false),
});
export type ReplayManyRequest = z.input<typeof ReplayManyRequest>;

export const ReplayManyResult = versioned({
  count: z.int(),
  /** In order of their creation; `id` is `null` after a dry run. */
  items: z.array(z.object({ replay_of: z.string(), id: z.string().nullable() })),
});
