import * as z from 'zod';
import { Email, Id, Text } from '../../entities.ts';
import { MAX_ID_LENGTH } from '../../limits.ts';
import { MeetingRequest, MeetingView } from '../../meeting.ts';
import {
  AtsChange,
  AuditEntry,
  AuditQuery,
  EventCheck,
  EventCheckRequest,
  EventRequest,
  EventSent,
  RotateRequest,
  RotateResult,
  TestEventRequest,
  TestEventResult,
} from '../../portal.ts';
import { AtsAdded, AtsRequest } from '../ats.ts';
import { page, versioned } from '../basics.ts';
import type { Route } from '../route.ts';
import { AtsView, WorkspaceView } from '../status.ts';

/** What an ATS engineer does in the portal. */
export const PORTAL_ROUTES = {
  addAts: {
    tag: 'portal',
    summary: 'Adds an ATS with fresh credentials and a workspace of its own',
    description:
      'For each worker of a parallel test run: no ATS sees anything of another. The credentials are shown once. Clock, ' +
      'faults without `ats_id` and reset are common to all; a reset takes added ATSs away.',
    request: { AtsRequest },
    example: { webhook_url: 'http://127.0.0.1:3000/webhooks/carvos' },
    status: 201,
    answer: { AtsAdded },
    errors: ['ats_exists', 'unknown_ats'],
  },
  changeAts: {
    tag: 'portal',
    summary: 'Name and webhook URL of an ATS',
    request: { AtsChange },
    example: { webhook_url: 'http://127.0.0.1:3000/webhooks/carvos' },
    answer: { VersionedAtsView: versioned(AtsView.shape) },
    errors: ['unknown_ats'],
  },
  rotate: {
    tag: 'portal',
    summary: 'Replaces a credential; the new value is shown once',
    request: { RotateRequest },
    example: { credential: 'outgoing-secret' },
    answer: { RotateResult },
    errors: ['unknown_ats'],
  },
  sendTestEvent: {
    tag: 'portal',
    summary: 'Sends a test event to the webhook URL, once',
    request: { TestEventRequest },
    answer: { TestEventResult },
    errors: ['unknown_ats', 'no_webhook_url', 'body_too_large', 'replacing'],
  },
  sendEvent: {
    tag: 'portal',
    summary: 'Takes an incoming event as from the ATS, past HTTP and signature',
    request: { EventRequest },
    status: 202,
    answer: { EventSent },
    errors: [
      'unknown_ats',
      'workspace_not_found',
      'workspace_provisioning',
      'entity_not_found',
      'event_id_conflict',
      'body_too_large',
    ],
  },
  checkEvent: {
    tag: 'portal',
    summary: 'What the schema of an event says of a body, by line and column',
    request: { EventCheckRequest },
    example: { direction: 'incoming', text: '{"event": "candidate.created"}' },
    answer: { EventCheck },
  },
  audit: {
    tag: 'portal',
    summary: 'Changes of settings, newest first',
    query: AuditQuery,
    answer: { AuditPage: page(AuditEntry) },
  },
  recordMeeting: {
    tag: 'portal',
    summary: 'Makes a meeting happen: three outgoing events',
    request: { MeetingRequest },
    example: { client_id: 'acme-corp', application_id: 'app-2001' },
    status: 201,
    answer: { MeetingView },
    errors: ['unknown_ats', 'workspace_not_found', 'workspace_provisioning', 'entity_not_found'],
  },
} as const satisfies Record<string, Route>;

const WorkspaceRequest = z.strictObject({
  ats_id: z.string().optional(),
  client_id: Id,
  name: Text.optional(),
  admin_name: Text.optional(),
  /** It becomes the admin's id. */
  admin_email: Email.max(MAX_ID_LENGTH).optional(),
});
const MemberRequest = z.strictObject({
  ats_id: z.string().optional(),
  user_id: Id,
  name: Text,
  email: Email,
});

const owned = { ats_id: z.string(), client_id: z.string() };

export const WORKSPACE_ROUTES = {
  workspaces: {
    tag: 'portal',
    summary: 'Every workspace with its members',
    answer: { WorkspaceList: versioned({ items: z.array(WorkspaceView) }) },
  },
  addWorkspace: {
    tag: 'portal',
    summary: 'Adds a workspace, provisioned at once',
    request: { WorkspaceRequest },
    example: { client_id: 'acme-corp', name: 'Acme Corp' },
    status: 201,
    answer: { WorkspaceAdded: versioned(owned) },
    errors: ['unknown_ats', 'workspace_exists'],
  },
  addWorkspaceMember: {
    tag: 'portal',
    summary: 'Adds a member, at once',
    request: { MemberRequest },
    example: { user_id: 'recruiter-001', name: 'Jane Smith', email: 'jane@acme.example' },
    status: 201,
    answer: {
      MemberAdded: versioned({ ...owned, user_id: z.string(), name: z.string(), email: z.string() }),
    },
    errors: ['unknown_ats', 'workspace_not_found'],
  },
} as const satisfies Record<string, Route>;
