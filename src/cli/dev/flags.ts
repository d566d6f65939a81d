import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { AiMode } from '../../contract/ai-rule.ts';
import { FASTEST_SPEED, SLOWEST_SPEED, SPEED_WORDS } from '../../contract/limits.ts';
import { maskUrl } from '../../contract/mask-url.ts';
import type { AiOptions, EmulatorOptions, Settings, Speed } from '../../emulator/settings.ts';
import { type LoadOptions, selectAts } from '../config/ats.ts';
import { type Config, originOf } from '../config/load.ts';
import { resolveProxy } from '../config/proxy.ts';
import { resolveReceiverTls } from '../config/receiver-tls.ts';
import { requireSecret } from '../config/secrets.ts';
import { emulatorSettings } from '../config/settings.ts';
import { collect, oneOf, parseDuration, parsePort, suggest } from '../input/flags.ts';
import { addProxyFlag, addReceiverFlags, type ReceiverFlags } from '../input/receiver-flags.ts';
import { parseTarget } from '../input/target.ts';
import { addTlsFlags, type TlsFlags } from '../input/tls-flags.ts';
import { CliError } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';

/** What `dev` takes on the command line; a flag wins over the config file, also after a reload. */
export interface DevFlags extends LoadOptions, ReceiverFlags, TlsFlags {
  strictHttps?: boolean;
  port?: string;
  host?: string;
  allowHost?: string[];
  webhookUrl?: string;
  speed?: string;
  receiverTimeout?: string;
  seed?: string;
  ai?: AiMode;
  aiUrl?: string;
  record?: string;
  playback?: string;
  playbackOrStub?: boolean;
  db?: string;
  tui?: boolean;
  portal?: boolean;
}

/** Not those of the contract, which would load zod with the help. */
const AI_MODES: readonly AiMode[] = ['stub', 'proxy', 'module'];

/** Speeds worth offering: production's own, the default, ten times that, and the two words. */
export const SPEEDS = ['1', '60', '600', 'max', 'manual'];

/** What `dev` says of those flags that have other defaults elsewhere. */
const TEXTS = {
  port: 'port to listen on; without this flag the next free one when it is taken (default: 4010)',
  speed: 'speed of the retry schedule: a factor, max or manual (default: 60)',
  db: 'database file, or :memory: (default: .carvos/carvos.db)',
};

export function addDevFlags(command: Command, texts = TEXTS): Command {
  command
    .option('--port <port>', texts.port)
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--allow-host <name>', 'also accept this host name for the control API; repeatable', collect)
    .option('--webhook-url <target>', 'your receiver: URL, host:port or port')
    .option('--ats-id <id>', 'the ATS that --webhook-url and the CARVOS_… secrets belong to')
    .option('--speed <n>', texts.speed, suggest(SPEEDS))
    .option(
      '--receiver-timeout <duration>',
      'time limit for a receiver’s whole answer, or off (default: 5s)',
      suggest(['off']),
    )
    .option(
      '--strict-https',
      'refuse what production refuses: http://, and certificates that are not trusted',
    )
    .option('--seed <n>', 'seed of the random faults: the same seed gives the same faults (default: 1)')
    .option('--ai <who>', 'AI backend: stub, proxy or module (default: stub)', oneOf('--ai', AI_MODES))
    .option('--ai-url <target>', 'your AI service, which gets each job as a POST; implies --ai proxy')
    .option('--record <folder>', 'record each AI job and its answer in this folder')
    .option('--playback <folder>', 'answer from the recordings in this folder')
    .option('--playback-or-stub', 'with --playback: let the stub answer what has no recording')
    .option('--db <file>', texts.db, suggest([':memory:']));
  return addTlsFlags(addProxyFlag(addReceiverFlags(command)));
}

/**
 * The settings that can change while the gateway runs.
 *
 * @throws CliError (exit 2) for a flag that makes no sense.
 */
export function devSettings(
  config: Config,
  { cwd, env }: Pick<Io, 'cwd' | 'env'>,
  flags: DevFlags,
): Settings {
  const settings = emulatorSettings(config);
  settings.receiverTls = resolveReceiverTls(config, cwd, flags);
  settings.receiverProxy = resolveProxy(flags, env);
  if (flags.strictHttps !== undefined) settings.strictHttps = flags.strictHttps;
  if (flags.speed !== undefined) settings.speed = parseSpeed(flags.speed);
  if (flags.receiverTimeout !== undefined) settings.receiverTimeoutMs = parseTimeout(flags.receiverTimeout);
  if (flags.seed !== undefined) settings.seed = parseSeed(flags.seed);
  settings.ai = aiSettings(config, settings.ai ?? {}, cwd, flags);
  // A name that nobody has is a mistake, also where only the secrets of the environment go by it.
  if (flags.atsId !== undefined) selectAts(config, flags.atsId);
  if (flags.webhookUrl !== undefined) {
    const { id } = selectAts(config, flags.atsId);
    const url = parseTarget(flags.webhookUrl, '--webhook-url').href;
    settings.ats = settings.ats.map((ats) =>
      ats.id === id ? { ...ats, webhookUrl: url, webhookUrlAsked: true } : ats,
    );
  }
  if (settings.strictHttps) checkStrict(settings);
  return settings;
}

/** @throws CliError (exit 2) for what production would refuse from the start. */
function checkStrict({ ats, receiverTls }: Settings): void {
  if (receiverTls?.insecure) {
    throw new CliError('--insecure-receiver and --strict-https do not go together', {
      next: 'trust the certificate with --receiver-ca',
    });
  }
  const plain = ats.find(({ webhookUrl }) => webhookUrl !== null && !/^https:/i.test(webhookUrl));
  if (plain === undefined) return;
  throw new CliError(`production delivers to https:// only, and the webhook URL of ${plain.id} is not`, {
    where: maskUrl(plain.webhookUrl!),
    next: 'give an https:// URL, or leave out --strict-https (receiver in the config file)',
  });
}

/** @throws CliError (exit 2) for flags that do not go together, and where the service's secret is not set. */
function aiSettings(config: Config, ai: AiOptions, cwd: string, flags: DevFlags): AiOptions {
  const result = { ...ai };
  if (flags.aiUrl !== undefined) {
    result.url = parseTarget(flags.aiUrl, '--ai-url').href;
    result.mode = 'proxy';
  }
  if (flags.ai !== undefined) result.mode = flags.ai;
  if (flags.record !== undefined) result.record = resolve(cwd, flags.record);
  if (flags.playback !== undefined) result.playback = resolve(cwd, flags.playback);
  if (flags.playbackOrStub !== undefined) result.playbackOrStub = flags.playbackOrStub;
  if (result.record !== undefined && result.playback !== undefined) {
    throw new CliError('--record and --playback do not go together', {
      next: 'record first, then play back',
    });
  }
  if (result.playbackOrStub && result.playback === undefined) {
    throw new CliError('--playback-or-stub is for --playback', { next: 'add --playback FOLDER' });
  }
  // With the stub behind it a folder may still be to come.
  if (result.playback !== undefined && !result.playbackOrStub && !existsSync(result.playback)) {
    throw new CliError(`there is no folder ${result.playback} to play back`, {
      next: 'record into it first: --record FOLDER',
    });
  }
  result.mode ??= result.module ? 'module' : result.url ? 'proxy' : 'stub';
  if (result.mode === 'proxy' && result.playback === undefined) {
    if (result.url === undefined) {
      throw new CliError('--ai proxy needs the URL of your AI service', {
        next: 'add --ai-url, or ai.url in the config file',
      });
    }
    result.secret = requireSecret(config.aiSecret);
  }
  if (result.mode === 'module' && result.module === undefined) {
    throw new CliError('--ai module needs a module', {
      next: 'name its file in the config file: "ai": {"module": "ai.mjs"}',
    });
  }
  return result;
}

/** Where it listens and what it keeps its state in: fixed while the gateway runs. */
export interface Place
  extends Pick<EmulatorOptions, 'host' | 'port' | 'allowHosts' | 'portal' | 'database' | 'inFlight'> {
  /** Whether the port was asked for: then it does not move on when it is taken. */
  portAsked: boolean;
}

export function devPlace(config: Config, flags: DevFlags): Place {
  return {
    host: flags.host ?? config.host,
    port: flags.port === undefined ? config.port : parsePort(flags.port),
    portAsked: flags.port !== undefined || originOf(config, 'port') !== 'default',
    allowHosts: [...config.allowHosts, ...(flags.allowHost ?? [])],
    portal: flags.portal === true,
    database: flags.db ?? config.db,
    inFlight: config.inFlight,
  };
}

/** @throws CliError (exit 2) */
export function parseSpeed(text: string, name = '--speed'): Speed {
  if (text === 'max' || text === 'manual') return text;
  const speed = Number(text);
  if (speed >= SLOWEST_SPEED && speed <= FASTEST_SPEED) return speed;
  throw new CliError(`${name}: ${JSON.stringify(text)} is not ${SPEED_WORDS.replaceAll('"', '')}`, {
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
