import type { CallInput, ControlAnswer, JsonCall } from '../contract/control/routes.ts';
import { buildRequest } from './build-request.ts';
import { type ControlTarget, type JsonRequest, requestJson } from './http-json.ts';

/** How a call is made, where it is not as the table of calls says. */
export type CallOptions = Pick<JsonRequest, 'stream' | 'signal'> & { timeoutMs?: number | null };

/**
 * Makes one call of the control API.
 *
 * @throws as `requestJson`.
 */
export function callControl<N extends JsonCall>(
  target: ControlTarget,
  name: N,
  input: CallInput<N>,
  options?: CallOptions,
): Promise<ControlAnswer<N>> {
  return requestJson(target, name, { ...buildRequest(name, input), ...options });
}
