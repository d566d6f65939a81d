import { gatewayDocument } from '../../contract/openapi/gateway.ts';
import { asFields } from '../recordings/fields.ts';
import type { Call } from './calls.ts';

let statuses: Map<string, ReadonlySet<number>> | undefined;

/** What carvos may answer to a call, by its own OpenAPI document. */
export function knownStatuses(call: Pick<Call, 'name'>): ReadonlySet<number> {
  statuses ??= readStatuses();
  return statuses.get(call.name) ?? new Set([404, 405]);
}

function readStatuses(): Map<string, ReadonlySet<number>> {
  const found = new Map<string, ReadonlySet<number>>();
  for (const [path, operations] of Object.entries(asFields(gatewayDocument().paths) ?? {})) {
    for (const [method, operation] of Object.entries(asFields(operations) ?? {})) {
      const responses = Object.keys(asFields(asFields(operation)?.responses) ?? {});
      // Those of a gateway in trouble are on no list of a call.
      found.set(`${method.toUpperCase()} ${path}`, new Set([...responses.map(Number), 429, 500, 503]));
    }
  }
  return found;
}
