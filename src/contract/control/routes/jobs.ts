import * as z from 'zod';
import { FaultRule } from '../../fault-rule.ts';
import { FaultList, FaultView } from '../../fault-view.ts';
import { page, versioned } from '../basics.ts';
import { JobQuery, ListedJob } from '../jobs.ts';
import type { Route } from '../route.ts';

const VersionedJob = versioned(ListedJob.shape);

export const JOB_ROUTES = {
  jobs: {
    tag: 'jobs',
    summary: 'Jobs at the AI, newest first',
    query: JobQuery,
    answer: { JobPage: page(ListedJob) },
    errors: ['bad_request'],
  },
  job: {
    tag: 'jobs',
    summary: 'One job, by its own id or the reference_id of its event',
    answer: { VersionedJob },
    errors: ['unknown_job'],
  },
  rerunJob: {
    tag: 'jobs',
    summary: 'Runs a failed job again: a new outgoing event follows',
    status: 202,
    answer: { VersionedJob },
    errors: ['unknown_job', 'job_not_failed'],
  },
} as const satisfies Record<string, Route>;

const FaultsCleared = versioned({ cleared: z.array(z.string()) });

export const FAULT_ROUTES = {
  faults: {
    tag: 'faults',
    summary: 'The rules in the order in which they are asked',
    answer: { FaultList },
  },
  addFault: {
    tag: 'faults',
    summary: 'Adds a rule',
    request: { FaultRule },
    example: { kind: 'status-503', first: 2 },
    status: 201,
    answer: { VersionedFaultView: versioned(FaultView.shape) },
    errors: ['fault_exists'],
  },
  clearFaults: { tag: 'faults', summary: 'Clears every rule', answer: { FaultsCleared } },
  clearFault: {
    tag: 'faults',
    summary: 'Clears one rule',
    answer: { FaultsCleared },
    errors: ['unknown_fault'],
  },
} as const satisfies Record<string, Route>;
