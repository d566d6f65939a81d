import type { Command } from 'commander';
import {
  ALL_EVENTS,
  DIRECTION_LABEL,
  EVENT_DIRECTIONS,
  type EventDirection,
  INCOMING_EVENTS,
  type IncomingEventName,
  OUTGOING_EVENTS,
  type OutgoingEventName,
} from '../../contract/event-names.ts';
import { incomingSample, outgoingSample } from '../../contract/samples.ts';
import { calledAs } from '../../files/called-as.ts';
import { EVENT_SUMMARIES } from '../events/summaries.ts';
import { DIRECTION_FLAG, suggest } from '../input/flags.ts';
import { CliError, didYouMean } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput, type Output } from '../terminal/output.ts';

interface Options {
  direction?: EventDirection;
  schema?: boolean;
  sample?: boolean;
}

const NAMES: Record<EventDirection, readonly string[]> = {
  incoming: INCOMING_EVENTS,
  outgoing: OUTGOING_EVENTS,
};

export function define(command: Command, io: Io): void {
  command
    .argument('[event]', 'the name of an event', suggest(ALL_EVENTS))
    .option(...DIRECTION_FLAG)
    .option('--sample', 'print only a sample body')
    .option('--schema', 'print only the JSON Schema of the body')
    .addHelpText(
      'after',
      `
Examples:
  carvos events
  carvos events meeting.notes_ready
  carvos events candidate.created --direction incoming --sample > candidate.json`,
    )
    .action((event: string | undefined, options: Options) => run(createOutput(io, command), event, options));
}

async function run(output: Output, event: string | undefined, options: Options): Promise<void> {
  const what = options.sample ? 'sample' : options.schema ? 'schema' : null;
  if (options.sample && options.schema) {
    throw new CliError('--sample and --schema do not go together', { next: 'leave one out' });
  }
  const wanted = options.direction === undefined ? EVENT_DIRECTIONS : ([options.direction] as const);
  if (event === undefined) {
    if (what === null) return list(output, wanted);
    throw new CliError('--sample and --schema need the name of an event', {
      next: 'run carvos events for the names',
    });
  }
  const directions = wanted.filter((direction) => NAMES[direction].includes(event));
  if (directions.length === 0) throw unknownEvent(event, options.direction);
  if (what === null) return await show(output, event, directions);
  if (directions.length > 1) {
    throw new CliError(`${event} exists in both directions`, {
      next: `add --direction ${DIRECTION_LABEL.incoming} or --direction ${DIRECTION_LABEL.outgoing}`,
    });
  }
  await printOne(output, event, directions[0]!, what);
}

function list(output: Output, directions: readonly EventDirection[]): void {
  for (const direction of directions) {
    output.line(output.paint.bold(DIRECTION_LABEL[direction]));
    for (const name of NAMES[direction])
      output.line(`  ${name.padEnd(26)}${EVENT_SUMMARIES[direction][name]}`);
    output.line();
  }
  output.line(`${calledAs()} events EVENT shows a sample and its fields.`);
  output.document({
    events: directions.flatMap((direction) => NAMES[direction].map((event) => entryOf(event, direction))),
  });
}

const entryOf = (event: string, direction: EventDirection) => ({
  event,
  direction,
  summary: EVENT_SUMMARIES[direction][event],
});

/** Schemas need zod, which names and samples do without. */
const loadSchemas = () => import('../../contract/json-schema.ts');

async function printOne(
  output: Output,
  event: string,
  direction: EventDirection,
  what: 'sample' | 'schema',
): Promise<void> {
  const value =
    what === 'sample' ? sampleOf(event, direction) : (await loadSchemas()).eventJsonSchema(direction, event);
  output.line(JSON.stringify(value, null, 2));
  output.document({ event, direction, [what]: value });
}

async function show(output: Output, event: string, directions: EventDirection[]): Promise<void> {
  const { eventJsonSchema } = await loadSchemas();
  for (const direction of directions) {
    output.line(`${output.paint.bold(event)}  ${DIRECTION_LABEL[direction]}`);
    output.line(`  ${EVENT_SUMMARIES[direction][event]}`);
    const { required, optional } = fieldNames(eventJsonSchema(direction, event));
    const where = direction === 'incoming' ? '' : ' in data';
    if (required.length > 0) output.line(`  required${where}: ${required.join(', ')}`);
    if (optional.length > 0) output.line(`  optional${where}: ${optional.join(', ')}`);
    output.line();
    output.line(JSON.stringify(sampleOf(event, direction), null, 2).replace(/^/gm, '  '));
    output.line();
  }
  output.document({
    events: directions.map((direction) => ({
      ...entryOf(event, direction),
      sample: sampleOf(event, direction),
      schema: eventJsonSchema(direction, event),
    })),
  });
}

function sampleOf(event: string, direction: EventDirection): unknown {
  return direction === 'incoming'
    ? incomingSample(event as IncomingEventName)
    : outgoingSample(event as OutgoingEventName);
}

interface ObjectSchema {
  properties?: Record<string, unknown>;
  required?: string[];
  oneOf?: ObjectSchema[];
}

/** The fields of a body; of an outgoing event, whose envelope is always the same, those of its data. */
function fieldNames(body: ObjectSchema): { required: string[]; optional: string[] } {
  const success = body.oneOf?.[0];
  const schema = success === undefined ? body : ((success.properties?.data ?? {}) as ObjectSchema);
  const fields = Object.keys(schema.properties ?? {});
  const required = new Set(schema.required);
  return {
    required: fields.filter((name) => required.has(name)),
    optional: fields.filter((name) => !required.has(name)),
  };
}

function unknownEvent(event: string, direction: EventDirection | undefined): CliError {
  const other = direction === 'incoming' ? 'outgoing' : 'incoming';
  if (direction !== undefined && NAMES[other].includes(event)) {
    return new CliError(`${event} is only ${DIRECTION_LABEL[other]}`, {
      next: `leave out --direction, or use ${other}`,
    });
  }
  const names = direction === undefined ? [...INCOMING_EVENTS, ...OUTGOING_EVENTS] : NAMES[direction];
  return new CliError(`there is no event ${event}.${didYouMean(event, names)}`, {
    next: 'run carvos events for the names',
  });
}
