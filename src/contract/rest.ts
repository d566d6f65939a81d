import * as z from 'zod';
import type { AssumptionId } from './assumptions.ts';
import {
  Application,
  ApplicationPatch,
  Candidate,
  CandidatePatch,
  Email,
  Id,
  Vacancy,
  VacancyPatch,
  Workspace,
} from './entities.ts';
import { payloadOf } from './incoming.ts';
import { MAX_ID_LENGTH } from './limits.ts';

/** Headers of the REST API (contract, section 4). */
export const API_KEY_HEADER = 'X-API-Key';
export const CLIENT_HEADER = 'X-ATS-Client-ID';
export const USER_HEADER = 'X-ATS-User-ID';
export const IDEMPOTENCY_HEADER = 'Idempotency-Key';

/** Entities that REST writes and reads, by the last part of their path. */
export const COLLECTIONS = {
  candidates: { kind: 'candidate', create: Candidate, patch: CandidatePatch },
  vacancies: { kind: 'vacancy', create: Vacancy, patch: VacancyPatch },
  applications: { kind: 'application', create: Application, patch: ApplicationPatch },
} as const;
export type CollectionName = keyof typeof COLLECTIONS;

/** A REST read: its path, in which `{id}` is the entity's, and what it answers. */
export type RestRead = { path: string; assumes: AssumptionId } & (
  | { collection: CollectionName; answers: 'page' | 'entity' }
  | { collection: null; answers: 'workspace' | 'members' }
);

/** Every REST read (contract, section 4). The gateway's routes and its OpenAPI document are made from this table. */
export const REST_READS: readonly RestRead[] = [
  ...(Object.keys(COLLECTIONS) as CollectionName[]).flatMap((collection): RestRead[] => [
    { path: `/v1/${collection}`, answers: 'page', collection, assumes: 'rest-reads' },
    { path: `/v1/${collection}/{id}`, answers: 'entity', collection, assumes: 'rest-reads' },
  ]),
  {
    path: '/v1/workspaces/{client_id}',
    answers: 'workspace',
    collection: null,
    assumes: 'workspace-reads',
  },
  {
    path: '/v1/workspaces/{client_id}/members',
    answers: 'members',
    collection: null,
    assumes: 'workspace-reads',
  },
];

/** Body of `POST /v1/workspaces`. The address can become the admin's id (contract, section 3). */
export const WorkspaceCreate = z.looseObject({
  client_id: Id,
  ...Workspace.shape,
  admin_email: Email.max(MAX_ID_LENGTH),
});
/** Body of a `DELETE`, which need not have one. */
export const DeleteBody = z.looseObject({});

/** A REST body as the payload of the webhook that means the same. */
export function restPayload(event: string, body: object, targetId: string | null): Record<string, unknown> {
  const payload = payloadOf(body);
  if (targetId !== null) payload[`${event.split('.')[0]}_id`] = targetId;
  // There `user_id` is who joins; in the webhook it is who acts (contract, section 3).
  if (event === 'workspace.member_added') payload.member_user_id = (body as { user_id?: unknown }).user_id;
  return payload;
}

/** Query of a paged list. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().optional(),
});

/** Answer of a write. */
export const Accepted = z.object({ reference_id: z.string() });

/** Answer of `POST /uploads`. */
export const Upload = z.object({
  carv_file_id: z.string(),
  /** The last part of the name that was sent, without control characters. */
  file_name: z.string(),
  /** By the file's own bytes. */
  content_type: z.string(),
  /** Bytes. */
  file_size: z.int(),
  uploaded_at: z.string(),
  expires_at: z.string(),
});
export type Upload = z.infer<typeof Upload>;
