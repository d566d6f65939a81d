import type { Router } from 'express';
import { OUTPUT_VERSION } from '../../contract/control.ts';
import { type FaultList, FaultRule } from '../../contract/fault-rule.ts';
import type { ControlParts } from './parts.ts';
import { parseRequest, Refused } from './request.ts';

/** Faults on purpose. */
export function addFaultRoutes(router: Router, { faults }: ControlParts): void {
  router.get('/faults', (_request, response) => {
    const list: FaultList = { version: OUTPUT_VERSION, seed: faults.seed, items: faults.list() };
    response.json(list);
  });
  router.post('/faults', (request, response) => {
    const rule = parseRequest(FaultRule, request.body);
    const added = faults.add(rule);
    if (added === null) throw new Refused('fault_exists', `A fault of the id ${rule.id} exists`);
    response.status(201).json({ version: OUTPUT_VERSION, ...added });
  });
  router.delete('/faults', (_request, response) => {
    response.json({ version: OUTPUT_VERSION, cleared: faults.clear() });
  });
  router.delete('/faults/:id', (request, response) => {
    const cleared = faults.clear(request.params.id);
    if (cleared.length === 0) throw new Refused('unknown_fault', `Unknown fault ${request.params.id}`);
    response.json({ version: OUTPUT_VERSION, cleared });
  });
}
