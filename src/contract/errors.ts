import { describeProblem, type Problem } from './problems.ts';

/**
 * Every refusal of the gateway and of the control API: one code, one status, one wording
 * (contract, sections 3 and 4; what FastAPI says where the contract is silent).
 */
export const ERRORS = {
  invalid_signature: { status: 401, message: 'Invalid signature' },
  invalid_api_key: { status: 401, message: 'Invalid or missing API key' },
  unknown_ats: { status: 404, message: 'Unknown ATS' },
  ats_exists: { status: 409, message: 'An ATS of this id exists' },
  workspace_not_found: { status: 404, message: 'Workspace not found' },
  workspace_provisioning: { status: 409, message: 'Workspace is provisioning' },
  workspace_exists: { status: 409, message: 'Workspace already exists' },
  event_id_conflict: { status: 409, message: 'event_id was already used with a different body' },
  idempotency_key_conflict: {
    status: 409,
    message: 'Idempotency-Key was already used with a different request',
  },
  entity_not_found: { status: 404, message: 'Not found' },
  body_too_large: { status: 413, message: 'Request body is larger than 1 MiB' },
  file_too_large: { status: 413, message: 'File is larger than 10 MiB' },
  unsupported_media_type: { status: 415, message: 'File must be a PDF, DOC or DOCX document' },
  validation: { status: 422, message: 'Request is not valid' },
  not_found: { status: 404, message: 'Not Found' },
  method_not_allowed: { status: 405, message: 'Method Not Allowed' },
  bad_request: { status: 400, message: 'Bad Request' },
  too_many_requests: { status: 429, message: 'Too Many Requests' },
  too_many_feeds: { status: 429, message: 'Too many live feeds are open; close one' },
  too_many_waits: {
    status: 429,
    message: 'Too many requests wait for something; ask again when some have ended',
  },
  unavailable: { status: 503, message: 'Service Unavailable' },
  storage_full: { status: 503, message: 'Storage is full; nothing was accepted' },
  storage_unusable: { status: 503, message: 'The database cannot be used; nothing was accepted' },
  starting: { status: 503, message: 'The gateway is starting; nothing was accepted' },
  shutting_down: { status: 503, message: 'The gateway is stopping; nothing was accepted' },
  replacing: {
    status: 503,
    message: 'The gateway is replacing its content (reset or restore); nothing was accepted',
  },
  not_a_snapshot: { status: 422, message: 'This is not a snapshot of carvos' },
  snapshot_newer: { status: 422, message: 'A newer carvos wrote this snapshot: update carvos' },
  bad_snapshot: { status: 422, message: 'This snapshot holds what no carvos writes' },
  internal: { status: 500, message: 'Internal Server Error' },
  unauthorized: { status: 401, message: 'Missing or wrong control token' },
  forbidden_host: { status: 403, message: 'This Host is not allowed; see --allow-host' },
  forbidden_origin: { status: 403, message: 'Requests from web pages are not allowed' },
  unknown_delivery: { status: 404, message: 'Unknown delivery' },
  unknown_reference: { status: 404, message: 'Unknown reference_id' },
  not_replayable: {
    status: 409,
    message: 'Only outgoing deliveries can be replayed; to send an incoming event again use carvos send',
  },
  no_recorded_signature: { status: 409, message: 'No attempt of this delivery has a recorded signature' },
  unknown_fault: { status: 404, message: 'Unknown fault' },
  fault_exists: { status: 409, message: 'A fault of this id exists' },
  unknown_job: { status: 404, message: 'Unknown job' },
  job_not_failed: { status: 409, message: 'Only a job that failed at the AI can be run again' },
  unknown_link: { status: 404, message: 'Unknown link, or one from before the gateway started' },
  link_used: { status: 410, message: 'This link was used, or its job has ended' },
  bad_ai_answer: { status: 422, message: 'This is not an answer of an AI service' },
  no_webhook_url: { status: 409, message: 'This ATS has no webhook URL' },
} as const satisfies Record<string, { status: number; message: string }>;

export type GatewayErrorCode = keyof typeof ERRORS;

export interface GatewayError {
  code: GatewayErrorCode;
  status: number;
  /** For people; the detail where that is a text. */
  message: string;
  /** The answer's JSON body. */
  body: { detail: string | Problem[] };
}

/**
 * A refusal, ready to be answered.
 *
 * @param detail replaces the catalogue's wording; for `validation` the list of problems.
 */
export function gatewayError(code: GatewayErrorCode, detail?: string | Problem[]): GatewayError {
  const { status, message } = ERRORS[code];
  return {
    code,
    status,
    message: typeof detail === 'string' ? detail : message,
    body: { detail: detail ?? message },
  };
}

/** The gateway refuses: what a request over HTTP would have been answered. */
export class RefusedError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string | Problem[];
  constructor({ status, code, body: { detail } }: GatewayError) {
    const problems = typeof detail === 'string' ? detail : detail.map(describeProblem).join('; ');
    super(`refused with ${status}: ${problems}`);
    this.name = 'RefusedError';
    this.status = status;
    this.code = code;
    this.detail = detail;
  }
}

/** The same by its code, to be thrown. */
export function refused(...args: Parameters<typeof gatewayError>): RefusedError {
  return new RefusedError(gatewayError(...args));
}
