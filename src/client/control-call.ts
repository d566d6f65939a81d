import {
  ANSWER_LIMIT_MS,
  type CallName,
  CONTROL_CALLS,
  CONTROL_PREFIX,
  type ControlCall,
} from '../contract/control/calls.ts';
import type { CallInput, ControlAnswer, JsonCall } from '../contract/control/routes.ts';
import { encodeSegment } from './encode-segment.ts';
import { type ControlTarget, type JsonRequest, requestJson } from './http-json.ts';

/** How a call is made, where it is not as the table of calls says. */
export type CallOptions = Pick<JsonRequest, 'stream' | 'signal'> & { timeoutMs?: number | null };

interface Parts {
  params?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, unknown>>;
  body?: unknown;
}

/** A call's request, as the table of calls has it. */
export function buildRequest<N extends CallName>(
  name: N,
  input: CallInput<N>,
  options: CallOptions = {},
): JsonRequest {
  const { params = {}, query = {}, body } = input as Parts;
  const { method, path, limitMs = ANSWER_LIMIT_MS }: ControlCall = CONTROL_CALLS[name];
  const filled = path.replace(/\{(\w+)\}/g, (_match, one: string) => encodeSegment(params[one]!));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query))
    for (const one of [value].flat()) if (one !== undefined) search.append(key, String(one));
  return {
    timeoutMs: limitMs,
    ...options,
    method: method.toUpperCase() as JsonRequest['method'],
    path: `${CONTROL_PREFIX}${filled}${search.size === 0 ? '' : `?${search}`}`,
    body,
  };
}

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
  return requestJson(target, name, buildRequest(name, input, options));
}
