/**
 * Every statement of the wire contract that CarvOS's public documentation makes ([doc] in the contract), by section and
 * page. A test proves each (`prove`); one that cannot be proved from outside says why.
 */
export interface Statement {
  section: number;
  /** Path below carvos.carv.com/docs/. */
  page: string;
  says: string;
  /** Needs an emulator's control API: its clock, its log, its settings. */
  localOnly?: true;
  /** Needs to see what is delivered: a receiver that the ATS's webhook URL leads to. */
  receiver?: true;
  /** Why no test can show it. */
  unproven?: string;
}

const overview = 'overview/system-architecture';
const sending = 'webhooks/sending';
const receiving = 'webhooks/receiving';
const authentication = 'getting-started/authentication-reference';
const outgoing = 'webhooks/outgoing-events';
const log = 'webhooks/delivery-log';

export const STATEMENTS = {
  'writes-complete-by-webhook': {
    section: 1,
    page: overview,
    says: 'a write is answered at once and completed by an outgoing webhook',
    receiver: true,
  },
  'reads-synchronous': { section: 1, page: overview, says: 'reads are synchronous' },
  'tenant-names': {
    section: 1,
    page: 'guides/workspace-management',
    says: 'client_id of a webhook and X-ATS-Client-ID of REST name the same workspace',
  },
  'same-by-rest-and-webhook': {
    section: 1,
    page: sending,
    says: 'REST writes and incoming webhooks are processed identically',
    receiver: true,
  },
  'incoming-signed': { section: 1, page: overview, says: 'an incoming webhook has to be signed' },
  'outgoing-signed': { section: 1, page: overview, says: 'an outgoing webhook is signed', receiver: true },

  'signature-over-raw-bytes': {
    section: 2,
    page: authentication,
    says: 'the signature covers `{timestamp}.` and the raw body, in Unix seconds and lower-case hex',
  },
  'two-secrets': {
    section: 2,
    page: authentication,
    says: 'the incoming secret signs what the ATS sends, the outgoing one what CarvOS sends',
    receiver: true,
  },
  'outgoing-header-form': {
    section: 2,
    page: receiving,
    says: 'the header of an outgoing webhook is exactly t=…,v1=…, so that both documented receivers read it',
    receiver: true,
  },
  'outgoing-fresh': {
    section: 2,
    page: authentication,
    says: 't of an outgoing webhook is the wall clock, within the documented 300 seconds',
    receiver: true,
  },

  'webhook-202': {
    section: 3,
    page: 'getting-started/quickstart',
    says: 'an event is answered 202 with a reference_id that is a UUID v7',
  },
  'webhook-events': {
    section: 3,
    page: sending,
    says: 'candidate, vacancy and application are each created, updated and deleted, in a flat body told apart by event',
  },
  'webhook-workspace-created': {
    section: 3,
    page: 'guides/workspace-management',
    says: 'workspace.created takes name, admin_name and admin_email',
  },
  'webhook-invalid-signature': {
    section: 3,
    page: sending,
    says: 'a body that does not match its signature is not accepted',
  },
  'unprovisioned-fails': {
    section: 3,
    page: 'guides/workspace-management',
    says: 'a request for a workspace that is not provisioned fails',
  },

  'api-key-401': {
    section: 4,
    page: 'getting-started/authentication',
    says: 'a wrong or missing X-API-Key gets 401 {"detail":"Invalid or missing API key"}',
  },
  'missing-header-422': {
    section: 4,
    page: 'getting-started/authentication',
    says: 'a missing X-ATS-Client-ID or X-ATS-User-ID gets 422',
  },
  'rest-candidates': {
    section: 4,
    page: 'getting-started/quickstart',
    says: 'POST /v1/candidates is answered 202 with a reference_id',
  },
  'rest-workspaces': {
    section: 4,
    page: 'guides/workspace-management',
    says: 'POST /v1/workspaces needs only X-API-Key',
  },
  'rest-members': {
    section: 4,
    page: 'guides/workspace-management',
    says: 'POST /v1/workspaces/{client_id}/members needs only X-API-Key',
    receiver: true,
  },
  'reads-exist': { section: 4, page: overview, says: 'what was written can be read' },

  'upload-answer': {
    section: 4,
    page: 'guides/file-uploads',
    says: 'POST /uploads needs X-API-Key and X-ATS-Client-ID and is answered 200 with six fields, expiry 72 hours later',
  },
  'upload-types': {
    section: 4,
    page: 'guides/file-uploads',
    says: "content_type is one of PDF, DOC and DOCX, by the file's own bytes",
  },
  'upload-used-once': {
    section: 4,
    page: 'guides/file-uploads',
    says: 'a carv_file_id can be used in exactly one webhook or write',
  },

  envelope: {
    section: 5,
    page: outgoing,
    says: 'an event has event, event_id, reference_id, client_id, timestamp, status, error and data',
    receiver: true,
  },
  causation: {
    section: 5,
    page: outgoing,
    says: 'reference_id is the one of the 202 and also the header X-Carv-Causation-ID',
    receiver: true,
  },
  'event-id-unique': {
    section: 5,
    page: outgoing,
    says: 'event_id is unique per event',
    receiver: true,
  },
  'event-id-on-retry': {
    section: 5,
    page: outgoing,
    says: 'event_id is the same on every attempt and replay',
    localOnly: true,
  },
  'outgoing-headers': {
    section: 5,
    page: log,
    says: 'an outgoing webhook is application/json, with User-Agent and an event-type header',
    receiver: true,
  },
  'test-header': {
    section: 5,
    page: 'webhooks/sandbox',
    says: 'a test event carries X-CarvOS-Test: true and is otherwise like a production one; others do not carry it',
    localOnly: true,
  },
  'https-only': {
    section: 5,
    page: 'webhooks/sandbox',
    says: 'production delivers over HTTPS only',
    unproven: 'an emulator delivers over http as well; production would have to be given an http URL',
  },
  'candidate-data': {
    section: 5,
    page: outgoing,
    says: 'candidate.created and candidate.updated carry the full normalized profile',
    receiver: true,
  },
  'vacancy-data': {
    section: 5,
    page: outgoing,
    says: 'vacancy.created and vacancy.updated carry the full normalized vacancy',
    receiver: true,
  },
  'application-score': {
    section: 5,
    page: 'guides/application-scoring',
    says: 'application.created carries the application and a score of candidate and vacancy',
    receiver: true,
  },
  'deletion-confirmed': {
    section: 5,
    page: outgoing,
    says: '*.deleted confirms the deletion',
    receiver: true,
  },
  'workspace-events': {
    section: 5,
    page: outgoing,
    says: 'workspace.provisioned and workspace.member_added tell that it is done',
    receiver: true,
  },
  'meeting-events': {
    section: 5,
    page: 'guides/meeting-intelligence',
    says: 'a meeting gives an HTML transcript, a summary of five sentences in plain text, and Markdown notes, each with its ids',
    localOnly: true,
  },
  'success-is-2xx': {
    section: 5,
    page: receiving,
    says: 'any 2xx is success; another status, a redirect and a cut connection are not',
    localOnly: true,
  },
  'five-seconds': {
    section: 5,
    page: receiving,
    says: 'an answer that is not complete after 5 seconds fails the attempt',
    localOnly: true,
  },
  'retry-schedule': {
    section: 5,
    page: overview,
    says: 'attempts are made at once, then after 1 minute, 5 minutes, 30 minutes and 2 hours, five in all',
    localOnly: true,
  },

  'log-records': {
    section: 6,
    page: log,
    says: 'there is one record per attempt in both directions, newest first',
    localOnly: true,
  },
  'log-filters': {
    section: 6,
    page: 'portal/webhook-deliveries',
    says: 'the log is filtered by direction and outcome, and paged',
    localOnly: true,
  },
  'log-outbound': {
    section: 6,
    page: log,
    says: 'an outgoing record has payload, allowlisted headers, signature, status, answer, duration and both times',
    localOnly: true,
  },
  'log-inbound': {
    section: 6,
    page: log,
    says: 'an inbound record has only Content-Type and the signature of the headers',
    localOnly: true,
  },
  'log-no-credentials': {
    section: 6,
    page: log,
    says: 'credentials and cookies are never captured',
    localOnly: true,
  },
  'log-seven-days': {
    section: 6,
    page: log,
    says: 'a record is deleted 7 days after its creation',
    localOnly: true,
  },

  'portal-view': {
    section: 7,
    page: 'portal',
    says: 'an ATS is shown with id, enabled status, name, webhook URL, created and updated',
    localOnly: true,
  },
  'rotated-independently': {
    section: 2,
    page: 'portal',
    says: 'both secrets are rotated independently',
    localOnly: true,
  },
  'api-key-rotation': {
    section: 7,
    page: 'portal',
    says: 'a rotated API key is shown once, and the old one stops at once',
    localOnly: true,
  },
  audit: { section: 7, page: 'portal', says: 'changes are audited', localOnly: true },
  'portal-edit': { section: 7, page: 'portal', says: 'name and webhook URL can be edited', localOnly: true },
} as const satisfies Record<string, Statement>;

export type StatementId = keyof typeof STATEMENTS;
