import * as z from 'zod';
import { MAX_READ_DEPTH } from '../../contract/limits.ts';
import { findGateway } from '../connect/find-gateway.ts';
import { requireLocal } from '../connect/guard-target.ts';
import { CliError, didYouMean, type ErrorLike, EXIT, isCliError, whereOf } from '../terminal/errors.ts';
import { boundOutput } from './bound-output.ts';
import type { Session, Tool } from './tool.ts';

export interface Answer {
  /** Nothing was done; the text says why. */
  isError: boolean;
  text: string;
}

/**
 * Calls a tool by its name. What is wrong is an answer too, in the words of the commands: what, where, what to do
 * next, and the exit code that the command would have.
 */
export async function callTool(
  tools: readonly Tool[],
  name: string,
  given: unknown,
  { allowWrite, open }: { allowWrite: boolean; open(notes: string[]): Promise<Session> },
): Promise<Answer> {
  const notes: string[] = [];
  try {
    const tool = tools.find((one) => one.name === name);
    if (tool === undefined) {
      const names = tools.map((one) => one.name);
      throw new CliError(`there is no tool ${name}.${didYouMean(name, names)}`, {
        next: `use one of ${names.join(', ')}`,
      });
    }
    if (tool.writes && !allowWrite) {
      throw new CliError(
        `${name} sends or changes something, and carvos mcp was started without --allow-write`,
        {
          next: 'ask whoever configured it to start it as: carvos mcp --allow-write',
        },
      );
    }
    if (isDeeper(given, MAX_READ_DEPTH))
      throw new CliError(`${name}: nested deeper than ${MAX_READ_DEPTH} levels`);
    const args = tool.input.safeParse(given ?? {});
    if (!args.success)
      throw new CliError(`${name}: ${z.prettifyError(args.error)}`, { next: 'see its input schema' });
    const session = await open(notes);
    await guardTargets(session, tool.writes);
    const result = await tool.run(session, args.data as never);
    const said = [...notes, ...(result.notes ?? [])];
    const text = boundOutput({
      exit_code: result.exitCode,
      ...(said.length > 0 ? { notes: said } : {}),
      ...result.value,
    });
    return { isError: false, text };
  } catch (error) {
    return { isError: true, text: boundOutput(await describe(error, notes)) };
  }
}

/** Level by level: `JSON.stringify`, which is to write it, goes down by the stack. */
function isDeeper(value: unknown, most: number): boolean {
  let level = [value];
  for (let depth = 0; depth <= most; depth++)
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  return level.length > 0;
}

async function describe(error: unknown, notes: readonly string[]): Promise<Record<string, unknown>> {
  const message = error instanceof Error ? error.message : String(error);
  const said = notes.length > 0 ? { notes } : {};
  if (String((error as ErrorLike).code ?? '').startsWith('commander.'))
    return { exit_code: EXIT.usage, error: message.replace(/^error: /, ''), ...said };
  if (isCliError(error)) {
    const { exitCode: exit_code, next } = error;
    return { exit_code, error: message, where: await whereOf(error), next, ...said };
  }
  return { exit_code: EXIT.bug, error: `carvos has a bug: ${message}`, ...said };
}

/**
 * Keeps a program that decides for itself on this machine and private networks: the gateway that is asked, and before
 * anything is sent every receiver that the gateway or the config file may send to. There is no `--live` here.
 *
 * @throws CliError (exit 2).
 */
async function guardTargets(
  { io, config, withClient }: Pick<Session, 'io' | 'config' | 'withClient'>,
  writes: boolean,
): Promise<void> {
  const next = 'carvos mcp sends nowhere else; a person can, with the commands and --live';
  const gateway = findGateway(io, config, undefined);
  await requireLocal(gateway.url, next, `the gateway (${gateway.origin})`);
  if (!writes) return;
  for (const { id, webhookUrl } of config.ats) {
    if (webhookUrl !== null) await requireLocal(new URL(webhookUrl), next, `the webhook URL of ${id}`);
  }
  if (gateway.token === null) return;
  const { ats } = await withClient((client) => client.status());
  for (const { id, webhook_url } of ats) {
    if (webhook_url !== null) await requireLocal(new URL(webhook_url), next, `the webhook URL of ${id}`);
  }
}
