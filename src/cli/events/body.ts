import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  DIRECTION_LABEL,
  type EventDirection,
  INCOMING_EVENTS,
  OUTGOING_EVENTS,
} from '../../contract/event-names.ts';
import { isRecord } from '../../contract/is-record.ts';
import { parseJson, stringifyJson } from '../../contract/json.ts';
import { CliError, didYouMean } from '../terminal/errors.ts';
import { type Io, nameOf, readText } from '../terminal/io.ts';
import { type Assignment, assign } from './set-path.ts';

/** An event to send: its bytes, and what is known about them. */
export interface EventBody {
  bytes: Buffer;
  /** Made from a sample of carvos. */
  sample: boolean;
  /** The file whose bytes these are, unchanged; `null` otherwise. */
  file: string | null;
  /** The parsed body, when it is a JSON object. */
  value: Record<string, unknown> | null;
}

export interface BodyRequest {
  direction: EventDirection;
  /** An event's name, a file, or `-`. */
  source: string;
  sample(event: string): Record<string, unknown>;
  /** Changes to make, in order. A file without any is sent byte for byte. */
  changes: Assignment[];
}

/**
 * The body that a command sends.
 *
 * @throws CliError (exit 2) when the name is unknown, the file cannot be read, or what must be changed
 *   is no JSON object.
 */
export async function prepareBody(io: Io, request: BodyRequest): Promise<EventBody> {
  const { direction, source, changes } = request;
  const names: readonly string[] = direction === 'incoming' ? INCOMING_EVENTS : OUTGOING_EVENTS;
  if (names.includes(source)) {
    const value = request.sample(source);
    for (const change of changes) assign(value, change);
    return { bytes: encode(value), sample: true, file: null, value };
  }
  if (source !== '-' && !existsSync(resolve(io.cwd, source))) throw unknownSource(source, direction, names);

  const { bytes, changed } = await readText(io, source);
  const file = source === '-' || changed ? null : source;
  return changedBody(bytes, { name: nameOf(source), file, changes });
}

/**
 * A body from bytes, which stay as they are where nothing is changed.
 *
 * @throws CliError (exit 2) when what must be changed is no JSON object.
 */
export function changedBody(
  bytes: Buffer,
  from: { name: string; file: string | null; changes: Assignment[] },
): EventBody {
  const value = parseObject(bytes);
  if (from.changes.length === 0) return { bytes, sample: false, file: from.file, value };
  if (value === null) {
    throw new CliError(`${from.name} is not a JSON object, so nothing in it can be changed`, {
      next: 'correct it, or leave out the flags that change it to send it byte for byte',
    });
  }
  for (const change of from.changes) assign(value, change);
  return { bytes: encode(value), sample: false, file: null, value };
}

/** Compact, as the documented sender serializes, unless an indentation is given. */
export function encode(value: unknown, indent = 0): Buffer {
  return Buffer.from(stringifyJson(value, indent));
}

/** The JSON object in these bytes, or `null`. */
export function parseObject(bytes: Uint8Array): Record<string, unknown> | null {
  const parsed = parseJson(bytes);
  return parsed.ok && isRecord(parsed.value) ? parsed.value : null;
}

export function textField(body: EventBody, name: string): string | null {
  const value = body.value?.[name];
  return typeof value === 'string' ? value : null;
}

function unknownSource(source: string, direction: EventDirection, names: readonly string[]): CliError {
  const others: readonly string[] = direction === 'incoming' ? OUTGOING_EVENTS : INCOMING_EVENTS;
  if (others.includes(source)) {
    const other = direction === 'incoming' ? 'outgoing' : 'incoming';
    return new CliError(
      `${source} is only ${DIRECTION_LABEL[other]}, and this command sends ${DIRECTION_LABEL[direction]}`,
      {
        next: direction === 'incoming' ? `use carvos trigger ${source}` : `use carvos send ${source}`,
      },
    );
  }
  if (/[/\\]|\.json$/.test(source)) {
    return new CliError(`cannot read ${source}: no such file`, {
      next: 'give a file, - or the name of an event',
    });
  }
  return new CliError(`${source} is neither a file nor an ${direction} event.${didYouMean(source, names)}`, {
    next: `run carvos events --direction ${direction} for their names`,
  });
}
