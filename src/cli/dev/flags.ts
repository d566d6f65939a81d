import type { Command } from 'commander';
import type { EmulatorOptions, Settings, Speed } from '../../emulator/options.ts';
import type { Config } from '../config/load.ts';
import { selectAts } from '../config/load.ts';
import { emulatorSettings } from '../config/settings.ts';
import { parseDuration } from '../duration.ts';
import { CliError } from '../errors.ts';
import { parseTarget } from '../target.ts';

/** What `dev` takes on the command line; a flag wins over the config file, also after a reload. */
export interface DevFlags {
  port?: string;
  host?: string;
  allowHost?: string[];
  webhookUrl?: string;
  speed?: string;
  receiverTimeout?: string;
  seed?: string;
  db?: string;
  config?: string;
  atsId?: string;
  tui?: boolean;
}

export function addDevFlags(command: Command): Command {
  return command
    .option('--port <port>', 'port to listen on (4010; moves on when that is taken)')
    .option('--host <address>', 'address to listen on (127.0.0.1)')
    .option(
      '--allow-host <name>',
      'a further name that the control API may be called by; repeatable',
      collect,
    )
    .option('--webhook-url <target>', 'your receiver: URL, host:port or port')
    .option('--ats-id <id>', 'the ATS that --webhook-url and the CARVOS_… secrets are for')
    .option('--speed <n>', 'schedule seconds per second, or max, or manual (60)')
    .option('--receiver-timeout <duration>', 'limit on a receiver’s whole answer, or off (5s)')
    .option('--seed <n>', 'what faults are drawn from: the same seed gives the same faults (1)')
    .option('--db <file>', 'database file, or :memory: (.carvos/carvos.db)');
}

/**
 * The settings that can change while the gateway runs.
 *
 * @throws CliError (exit 2) for a flag that makes no sense.
 */
export function devSettings(config: Config, flags: DevFlags): Settings {
  const settings = emulatorSettings(config);
  if (flags.speed !== undefined) settings.speed = parseSpeed(flags.speed);
  if (flags.receiverTimeout !== undefined) settings.receiverTimeoutMs = parseTimeout(flags.receiverTimeout);
  if (flags.seed !== undefined) settings.seed = parseSeed(flags.seed);
  if (flags.webhookUrl !== undefined) {
    const { id } = selectAts(config, flags.atsId);
    const url = parseTarget(flags.webhookUrl, '--webhook-url').href;
    settings.ats = settings.ats.map((ats) => (ats.id === id ? { ...ats, webhookUrl: url } : ats));
  }
  return settings;
}

/** Where it listens and what it keeps its state in: fixed while the gateway runs. */
export interface Place
  extends Pick<EmulatorOptions, 'host' | 'port' | 'allowHosts' | 'database' | 'inFlight'> {
  /** Whether the port was asked for: then it does not move on when it is taken. */
  portAsked: boolean;
}

export function devPlace(config: Config, flags: DevFlags): Place {
  return {
    host: flags.host ?? config.host,
    port: flags.port === undefined ? config.port : parsePort(flags.port),
    portAsked: flags.port !== undefined || config.origins.port !== 'default',
    allowHosts: [...config.allowHosts, ...(flags.allowHost ?? [])],
    database: flags.db ?? config.database,
    inFlight: config.inFlight,
  };
}

/** @throws CliError (exit 2) */
export function parseSpeed(text: string, name = '--speed'): Speed {
  if (text === 'max' || text === 'manual') return text;
  const speed = Number(text);
  if (text.trim() !== '' && speed > 0 && speed <= 1_000_000) return speed;
  throw new CliError(`${name}: ${JSON.stringify(text)} is neither a number above 0 nor max nor manual`, {
    next: 'the default is 60: one minute of the schedule per second',
  });
}

function parseTimeout(text: string): number | null {
  return text === 'off' ? null : parseDuration(text, '--receiver-timeout');
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (/^[0-9]+$/.test(text) && Number.isSafeInteger(seed)) return seed;
  throw new CliError(`--seed: ${JSON.stringify(text)} is not a whole number from 0`);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^[0-9]{1,5}$/.test(text) && port <= 65_535) return port;
  throw new CliError(`--port: ${JSON.stringify(text)} is not a port from 0 to 65535`);
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}
