import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { Document, isMap, isScalar, visit } from 'yaml';
import type { ControlClient } from '../../client/control-client.ts';
import type { Trace } from '../../contract/control.ts';
import { DEMO } from '../../contract/demo.ts';
import { findUpward } from '../../files/folders-upward.ts';
import type { Config } from '../config/load.ts';
import { findTrace } from '../connect/find-trace.ts';
import { CliError } from '../terminal/errors.ts';
import { fileError, type Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';
import { parseScenario } from './read-scenario.ts';
import { createNames } from './record-names.ts';
import { findPrerequisites } from './record-prerequisites.ts';
import { type RecordedStep, recordTrace } from './record-steps.ts';

/** Widest map that stands on one line, in characters. */
const FLOW_WIDTH = 90;

/**
 * Writes what some references caused as a scenario: what was sent, with ids that differ in every run; the faults that
 * struck; and what came of it, as far as it comes again. What it builds on (the candidate of an application) is sent first.
 *
 * @returns the files that were written: bodies that a sample cannot be made into stand beside it.
 * @throws CliError (exit 2) for a reference that this gateway does not know, and for a file that is there already or cannot be
 *   written.
 */
export async function recordScenario(
  io: Io,
  output: Output,
  asked: { client: ControlClient; config: Config; references: readonly string[]; file: string },
): Promise<{ files: string[]; steps: number }> {
  const { client, config, references, file } = asked;
  const path = resolve(io.cwd, file);
  refuseExisting(path, file);
  const named: Trace[] = [];
  for (const reference of references) named.push(await findTrace(client, reference, output));
  const traces = await findPrerequisites(client, named);
  const workspace = config.ats[0]?.workspaces[0];
  const names = createNames({
    client_id: workspace?.clientId ?? DEMO.clientId,
    user_id: workspace?.members[0]?.userId ?? DEMO.userId,
  });
  const steps: RecordedStep[] = [];
  const bodies: [string, string][] = [];
  const save = (name: string, body: unknown) => {
    const beside = `${file.replace(/\.\w+$/, '')}-${bodies.length + 1}-${name}.json`;
    bodies.push([beside, `${JSON.stringify(body, null, 2)}\n`]);
    return `./${relative(dirname(path), resolve(io.cwd, beside))}`;
  };
  for (const trace of traces) steps.push(...(await recordTrace(client, trace, names, save)));
  if (steps.length === 0) throw new CliError('these references caused nothing that can be done again');

  const text = format(
    {
      name: 'what happened',
      ...(names.vars.size > 0 ? { vars: Object.fromEntries(names.vars) } : {}),
      steps,
    },
    schemaBeside(path),
  );
  // What is written can be read.
  parseScenario(file, Buffer.from(text), io.env);
  for (const [name] of bodies) refuseExisting(resolve(io.cwd, name), name);
  try {
    mkdirSync(dirname(path), { recursive: true });
    for (const [name, body] of bodies) writeFileSync(resolve(io.cwd, name), body, { flag: 'wx' });
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    throw fileError(error, file, 'write');
  }
  return { files: [file, ...bodies.map(([name]) => name)], steps: steps.length };
}

function refuseExisting(path: string, name: string): void {
  if (existsSync(path))
    throw new CliError(`there is a file ${name} already`, { next: 'name another, or remove that one' });
}

/** Where editors find the schema, from the folder of a file; `null` where carvos is not installed above it. */
function schemaBeside(path: string): string | null {
  const schema = findUpward(dirname(path), 'node_modules/carvos/dist/schemas/scenario.schema.json');
  if (schema === null) return null;
  const way = relative(dirname(path), schema).replaceAll('\\', '/');
  return way.startsWith('.') ? way : `./${way}`;
}

/** Maps that fit stand on one line; each step's remark above it. */
function format(
  scenario: { name: string; vars?: Record<string, unknown>; steps: readonly RecordedStep[] },
  schema: string | null,
): string {
  const { steps, ...head } = scenario;
  const document = new Document({ ...head, steps: steps.map(({ step }) => step) });
  if (schema !== null) document.commentBefore = ` yaml-language-server: $schema=${schema}`;
  steps.forEach(({ remark }, index) => {
    const node = document.getIn(['steps', index], true);
    if (remark !== null && isMap(node)) node.commentBefore = ` ${remark}`;
  });
  visit(document, {
    Map(_key, map, path) {
      const isInner = path.length > 5;
      if (isInner && JSON.stringify(map.toJSON()).length <= FLOW_WIDTH) map.flow = true;
    },
    Scalar(_key, node) {
      if (isScalar(node) && typeof node.value === 'string' && node.value.includes('\n'))
        node.type = 'BLOCK_LITERAL';
    },
  });
  return document.toString({ lineWidth: 110, flowCollectionPadding: true });
}
