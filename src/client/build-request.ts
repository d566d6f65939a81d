import {
  ANSWER_LIMIT_MS,
  type CallName,
  CONTROL_CALLS,
  CONTROL_PREFIX,
  type ControlCall,
} from '../contract/control/calls.ts';
import type { CallInput } from '../contract/control/routes.ts';
import { encodeSegment } from '../contract/paths.ts';

/** One call as a request, for whoever sends it: a program, or the page. */
export interface CallRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT';
  /** Path with query, below the gateway's base. */
  path: string;
  body?: unknown;
  /** Limit on the whole answer in milliseconds; `null` waits as long as the connection holds. */
  timeoutMs: number | null;
}

interface Parts {
  params?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, unknown>>;
  body?: unknown;
}

export function buildRequest<N extends CallName>(name: N, input: CallInput<N>): CallRequest {
  const { params = {}, query = {}, body } = input as Parts;
  const { method, path, limitMs = ANSWER_LIMIT_MS }: ControlCall = CONTROL_CALLS[name];
  const filled = path.replace(/\{(\w+)\}/g, (_match, one: string) => encodeSegment(params[one]!));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query))
    for (const one of [value].flat()) if (one !== undefined) search.append(key, String(one));
  return {
    timeoutMs: limitMs,
    method: method.toUpperCase() as CallRequest['method'],
    path: `${CONTROL_PREFIX}${filled}${search.size === 0 ? '' : `?${search}`}`,
    body,
  };
}
