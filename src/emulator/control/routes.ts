import { createHash } from 'node:crypto';
import express, { type Request, type Response, Router } from 'express';
import * as z from 'zod';
import {
  type AtsView,
  type ClockView,
  LogQuery,
  OUTPUT_VERSION,
  type StatusView,
  WaitUntil,
  type WorkspaceView,
} from '../../contract/control.ts';
import { Email, Id, Text } from '../../contract/entities.ts';
import { gatewayError } from '../../contract/errors.ts';
import { problemsFromIssues } from '../../contract/problems.ts';
import { VERSION } from '../../contract/version.ts';
import type { Ats, AtsRegistry } from '../ats-registry.ts';
import { type ScheduleClock, wallNow } from '../clock.ts';
import { answerError } from '../gateway/answer.ts';
import type { Journal } from '../journal.ts';
import { bodyOf, iso, viewBody, viewDelivery, viewLogRow, viewLogRowDetail, viewNext } from '../log-view.ts';
import type { Speed } from '../options.ts';
import type { Move, Steering } from '../steer.ts';
import { countDeliveries, findNextDue, getDelivery, getDeliveryBody } from '../store/deliveries.ts';
import { countEvents } from '../store/events.ts';
import { countJobs } from '../store/jobs.ts';
import { getLog, type LogRow, listLog, listLogOfDelivery } from '../store/log.ts';
import type { Store } from '../store/store.ts';
import {
  getWorkspaceStatus,
  insertWorkspace,
  listMembers,
  listWorkspaces,
  putMember,
} from '../store/workspaces.ts';
import { serveFeed } from './feed.ts';
import { readTrace, waitForReference } from './trace.ts';

/** Longest single long-poll, wall milliseconds; a client that waits longer asks again. */
const MAX_POLL_MS = 30_000;

export interface ControlParts {
  store: Store;
  registry: AtsRegistry;
  clock: ScheduleClock;
  journal: Journal;
  steering: Steering;
  runningJobs(): number;
  url(): string;
  startedAt: number;
}

/** A refusal that a route answers with. */
class Refused extends Error {
  readonly refusal;
  constructor(...args: Parameters<typeof gatewayError>) {
    super(args[0]);
    this.refusal = gatewayError(...args);
  }
}

/** The control API: what a developer sees and steers. */
export function createControlRoutes(parts: ControlParts): Router {
  const { store, registry, clock, journal, steering } = parts;
  const router = Router();
  router.use(express.json({ limit: '2mb', strict: false }));

  router.get('/status', (_request, response) => void response.json(viewStatus()));
  router.get('/log', (request, response) => {
    const { since, cursor, limit, ...filter } = parse(LogQuery, request.query, 'query');
    const before = cursor === undefined ? undefined : Number(cursor);
    if (before !== undefined && !Number.isSafeInteger(before))
      throw new Refused('bad_request', 'cursor is not one of ours');
    const since_ms = since === undefined ? undefined : Date.parse(since);
    // One more than asked for tells whether this is the last page.
    const found = listLog(store, { ...filter, since: since_ms, before }, limit + 1);
    const rows = found.slice(0, limit);
    const last = found.length > limit ? rows.at(-1) : undefined;
    response.json({
      version: OUTPUT_VERSION,
      items: rows.map((row) => viewLogRow(store, clock, row)),
      next_cursor: last ? String(last.seq) : null,
    });
  });
  router.get('/log/:id/:number', (request, response) => {
    const row = getLog(store, request.params.id!, Number(request.params.number));
    if (!row) throw new Refused('unknown_delivery');
    response.json({ version: OUTPUT_VERSION, ...viewLogRowDetail(store, clock, row) });
  });
  router.get('/deliveries/:id', (request, response) => {
    response.json({ version: OUTPUT_VERSION, ...readDelivery(request.params.id!) });
  });

  router.get('/references/:id', (request, response) => {
    const trace = readTrace(store, clock, request.params.id!);
    if (!trace) throw new Refused('unknown_reference');
    response.json(trace);
  });
  router.get('/references/:id/wait', async (request, response) => {
    const { until, timeout_ms } = parse(WaitQuery, request.query, 'query');
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const result = await waitForReference(parts, request.params.id!, until, timeout_ms, gone.signal);
    if (!result) throw new Refused('unknown_reference');
    response.json({ version: OUTPUT_VERSION, ...result });
  });

  router.get('/clock', (_request, response) => void response.json(viewClock()));
  router.post('/clock/pause', (_request, response) => {
    clock.pause();
    answerMove(response, NOTHING_FIRED);
  });
  router.post('/clock/resume', (_request, response) => {
    clock.resume();
    answerMove(response, NOTHING_FIRED);
  });
  router.post('/clock/speed', (request, response) => {
    clock.setSpeed(parse(SpeedBody, request.body).speed as Speed);
    answerMove(response, NOTHING_FIRED);
  });
  router.post('/clock/advance', async (request, response) => {
    answerMove(response, await steering.advance(parse(AdvanceBody, request.body).ms));
  });
  router.post('/clock/next', async (_request, response) => answerMove(response, await steering.next()));
  router.post('/clock/drain', async (_request, response) => answerMove(response, await steering.drain()));

  router.get('/workspaces', (_request, response) => {
    const items: WorkspaceView[] = listWorkspaces(store).map((row) => ({
      ...row,
      created_at: iso(row.created_at),
      members: listMembers(store, row.ats_id, row.client_id),
    }));
    response.json({ version: OUTPUT_VERSION, items });
  });
  router.post('/workspaces', (request, response) => {
    const body = parse(WorkspaceBody, request.body);
    const ats = findAts(body.ats_id);
    if (getWorkspaceStatus(store, ats.id, body.client_id) !== undefined)
      throw new Refused('workspace_exists');
    store.db.transaction(() => {
      insertWorkspace(store, {
        ats_id: ats.id,
        client_id: body.client_id,
        name: body.name ?? body.client_id,
        status: 'provisioned',
        created_at: wallNow(),
      });
      if (body.admin_email !== undefined) {
        const name = body.admin_name ?? body.admin_email;
        putMember(store, ats.id, body.client_id, {
          user_id: body.admin_email,
          name,
          email: body.admin_email,
        });
      }
    })();
    response.status(201).json({ version: OUTPUT_VERSION, ats_id: ats.id, client_id: body.client_id });
  });
  router.post('/workspaces/:client_id/members', (request, response) => {
    const { ats_id, ...member } = parse(MemberBody, request.body);
    const ats = findAts(ats_id);
    const clientId = request.params.client_id!;
    if (getWorkspaceStatus(store, ats.id, clientId) === undefined) throw new Refused('workspace_not_found');
    store.db.transaction(() => putMember(store, ats.id, clientId, member))();
    response.status(201).json({ version: OUTPUT_VERSION, ats_id: ats.id, client_id: clientId, ...member });
  });

  router.patch('/ats/:id', (request, response) => {
    const change = parse(AtsBody, request.body);
    const ats = findAts(request.params.id);
    registry.update(ats.id, change);
    response.json({ version: OUTPUT_VERSION, ...viewAts(registry, registry.get(ats.id)!) });
  });
  router.get('/feed', serveFeed(journal));

  router.use((_request, response) => answerError(response, gatewayError('not_found')));
  router.use((error: unknown, _request: Request, response: Response, next: (error: unknown) => void) => {
    if (error instanceof Refused) answerError(response, error.refusal);
    else next(error);
  });
  return router;

  function findAts(id: string | undefined): Ats {
    const only = registry.list();
    const ats = id === undefined && only.length === 1 ? only[0] : registry.get(id ?? '');
    if (!ats)
      throw new Refused(
        'unknown_ats',
        id === undefined ? 'several ATSs: say which with ats_id' : `Unknown ATS ${id}`,
      );
    return ats;
  }

  function readDelivery(id: string) {
    const rows = listLogOfDelivery(store, id);
    const log = rows.map((row) => viewLogRowDetail(store, clock, row));
    const delivery = getDelivery(store, id);
    if (delivery) {
      return {
        ...viewDelivery(store, clock, delivery),
        body: viewBody(getDeliveryBody(store, delivery.seq)),
        log,
      };
    }
    const row = rows[0];
    if (!row) throw new Refused('unknown_delivery');
    return { ...viewInbound(row), body: viewBody(bodyOf(store, row)), log };
  }

  function viewClock(): ClockView {
    const next = findNextDue(store);
    return {
      version: OUTPUT_VERSION,
      mode: clock.mode,
      speed: typeof clock.speed === 'number' ? clock.speed : null,
      schedule_ms: Math.floor(clock.now()),
      pending: countDeliveries(store).pending,
      next: next
        ? {
            delivery_id: next.id,
            event: next.event,
            attempts: next.attempts,
            next_attempt: viewNext(clock, next.step, next.due ?? 0),
          }
        : null,
    };
  }

  function answerMove(response: Response, move: Move): void {
    journal.publish(() => ({ type: 'clock.changed', clock: viewClock() }));
    response.json({ version: OUTPUT_VERSION, ...move, clock: viewClock() });
  }

  function viewStatus(): StatusView {
    const jobs = countJobs(store);
    const running = parts.runningJobs();
    return {
      version: OUTPUT_VERSION,
      carvos: VERSION,
      gateway_id: store.gatewayId,
      url: parts.url(),
      pid: process.pid,
      database: store.file,
      started_at: iso(parts.startedAt),
      events: countEvents(store),
      jobs: { ...jobs, queued: jobs.queued - running, running },
      deliveries: countDeliveries(store),
      clock: viewClock(),
      ats: registry.list().map((ats) => viewAts(registry, ats)),
    };
  }
}

const NOTHING_FIRED: Move = { fired: [], unlisted: 0 };

const WaitQuery = z.object({
  until: WaitUntil.default('settled'),
  timeout_ms: z.coerce
    .number()
    .min(0)
    .default(MAX_POLL_MS)
    .transform((ms) => Math.min(ms, MAX_POLL_MS)),
});
const SpeedBody = z.object({
  speed: z.union([z.number().positive().max(1_000_000), z.enum(['max', 'manual'])]),
});
const AdvanceBody = z.object({
  ms: z
    .number()
    .min(0)
    .max(366 * 86_400_000),
});
const WorkspaceBody = z.object({
  ats_id: z.string().optional(),
  client_id: Id,
  name: Text.optional(),
  admin_name: Text.optional(),
  admin_email: Email.optional(),
});
const MemberBody = z.object({ ats_id: z.string().optional(), user_id: Id, name: Text, email: Email });
const AtsBody = z.object({
  name: Text.optional(),
  webhook_url: z
    .url({ protocol: /^https?$/ })
    .nullable()
    .optional(),
});

function parse<S extends z.ZodType>(schema: S, value: unknown, root: 'body' | 'query' = 'body'): z.infer<S> {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  throw new Refused('validation', problemsFromIssues(result.error.issues, value, [root]));
}

function viewInbound(row: LogRow) {
  return {
    id: row.delivery_id,
    direction: 'inbound' as const,
    ats_id: row.ats_id,
    client_id: row.client_id,
    event: row.event,
    event_id: row.event_id,
    reference_id: row.reference_id,
    state: null,
    attempts: 1,
    next_attempt: null,
    last_outcome: row.outcome,
    last_status: row.status,
    last_error: row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' },
    test: false,
    replay_of: null,
    created_at: iso(row.occurred_at),
  };
}

function viewAts(registry: AtsRegistry, ats: Ats): AtsView {
  return {
    id: ats.id,
    name: ats.name,
    enabled: ats.enabled === 1,
    webhook_url: registry.webhookUrl(ats),
    created_at: iso(ats.created_at),
    updated_at: iso(ats.updated_at),
    api_key: ats.api_key_hash.slice(0, 8),
    incoming_secret: fingerprint(ats.secrets.incoming[0]?.value),
    outgoing_secret: fingerprint(ats.secrets.outgoing[0]?.value),
  };
}

/** Enough to tell two secrets apart, too little to find one. */
function fingerprint(secret: string | undefined): string {
  return secret === undefined ? '' : createHash('sha256').update(secret).digest('hex').slice(0, 8);
}
