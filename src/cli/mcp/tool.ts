import * as z from 'zod';
import type { ControlClient } from '../../client/control-client.ts';
import type { Config } from '../config/load.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';
import type { CommandResult } from './call-command.ts';

/** What a tool works with, for one call. */
export interface Session {
  io: Io;
  config: Config;
  signal: AbortSignal;
  /** Takes notes; prints nothing. */
  output: Output;
  command(argv: readonly string[], input?: string): Promise<CommandResult>;
  /** Asks the gateway that runs here. */
  withClient<T>(task: (client: ControlClient) => Promise<T>): Promise<T>;
}

/** What a tool answers: the exit code that the command has, and what it prints with `--json`. */
export interface ToolResult {
  exitCode: number;
  value: Record<string, unknown>;
  notes?: readonly string[];
}

export interface Tool {
  name: string;
  title: string;
  description: string;
  /** It sends or changes something, which `--allow-write` allows. */
  writes: boolean;
  input: z.ZodObject;
  run(session: Session, args: never): Promise<ToolResult>;
}

/** Defines tools that write, or do not. What `run` of one takes is what its schema makes of the arguments. */
export const defining =
  ({ writes }: Pick<Tool, 'writes'>) =>
  <S extends z.ZodRawShape>(
    tool: Omit<Tool, 'input' | 'run' | 'writes'> & {
      input: S;
      run(session: Session, args: z.output<z.ZodObject<S, z.core.$strict>>): Promise<ToolResult>;
    },
  ): Tool => ({ ...tool, writes, input: z.strictObject(tool.input) });

export function resultOf({ exitCode, documents, notes }: CommandResult): ToolResult {
  const value = documents.length === 1 ? documents[0]! : { documents };
  return { exitCode, value, notes };
}

/** Flags with those values that were given: `--client-id=5`. One word each, so that no value is taken for a flag. */
export function flags(values: Readonly<Record<string, string | number | undefined>>): string[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name.replaceAll('_', '-')}=${value}`],
  );
}

export function assignments(set: Readonly<Record<string, unknown>> = {}): string[] {
  return Object.entries(set).map(([path, value]) => `--set=${path}=${JSON.stringify(value)}`);
}

export const TimeoutMs = z
  .int()
  .min(0)
  .max(120_000)
  .default(30_000)
  .describe('How long to wait, real milliseconds');
export const Fields = z.record(z.string().min(1), z.unknown());
