import * as z from 'zod';
import { DEMO } from '../demo.ts';
import { Id } from '../entities.ts';
import { WebUrl } from '../text-forms.ts';
import { versioned } from './basics.ts';

/** A further ATS, with credentials of its own and one provisioned workspace. */
export const AtsRequest = z.lazy(() =>
  z.strictObject({
    /** A fresh one by default. */
    id: Id.optional(),
    name: Id.optional(),
    /** That of `secrets_of` by default; can be set later (`PATCH /ats/{id}`). */
    webhook_url: WebUrl.nullable().optional(),
    /** It signs and verifies with the secrets of this ATS, for a receiver that knows one secret only. */
    secrets_of: Id.optional(),
    /** Its workspace, provisioned. */
    client_id: Id.default(DEMO.clientId),
    /** A member of that workspace. */
    user_id: Id.default(DEMO.userId),
  }),
);

/** Everything that a test needs to talk to the gateway as this ATS. The credentials are shown here and never again. */
export const AtsAdded = z.lazy(() =>
  versioned({
    id: z.string(),
    name: z.string(),
    webhook_url: z.string().nullable(),
    api_key: z.string(),
    incoming_secret: z.string(),
    outgoing_secret: z.string(),
    client_id: z.string(),
    user_id: z.string(),
    /** Base of the gateway. */
    url: z.string(),
    /** Where its webhooks go: POST, signed with the incoming secret. */
    incoming_url: z.string(),
  }),
);
export type AtsAdded = z.infer<typeof AtsAdded>;
