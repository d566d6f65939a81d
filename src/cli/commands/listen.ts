import type { Command } from 'commander';
import {
  type ReceivedRequest,
  type Receiver,
  type ReceiverOptions,
  startReceiver,
} from '../../client/receiver.ts';
import { calledAs } from '../../files/called-as.ts';
import { fingerprint } from '../../signing/fingerprint.ts';
import type { Diagnosis } from '../../signing/index.ts';
import { isLoopbackHost } from '../../transport/name-lookup.ts';
import { loadAts, selectAts } from '../config/ats.ts';
import { loadValidConfig } from '../config/load.ts';
import { resolveReceiverTls } from '../config/receiver-tls.ts';
import { requireSecret } from '../config/secrets.ts';
import { warnOfDiffering } from '../connect/warn-differing.ts';
import { collectSecrets, parseDuration, parsePort } from '../input/flags.ts';
import { addReceiverFlags, type ReceiverFlags } from '../input/receiver-flags.ts';
import { parseTarget } from '../input/target.ts';
import { addTlsFlags, type TlsFlags } from '../input/tls-flags.ts';
import { CliError } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput, type GlobalOptions } from '../terminal/output.ts';
import { shellQuote } from '../text/curl.ts';
import { diagnoseReceived, formatReceived, formatRefused, receivedDocument } from '../text/received.ts';
import { resolveListenerTls } from '../tls/listener-tls.ts';

interface ListenFlags extends GlobalOptions, ReceiverFlags, TlsFlags {
  port?: string;
  host: string;
  secret?: string[];
  atsId?: string;
  respond?: string;
  delay?: string;
  forward?: string;
}

const DEFAULT_PORT = 4011;
const PORTS_TRIED = 20;
/** Requests that wait behind a search; what comes beyond that is told at once, without its mistake. */
const MOST_WAITING = 8;

export function define(command: Command, io: Io): void {
  command
    .option(
      '--port <port>',
      `port to listen on; 0 for any free one (default: ${DEFAULT_PORT}, or the next free one)`,
    )
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option(
      '--secret <secret>',
      'verify with this instead of the configured outgoing secret; repeatable',
      collectSecrets,
    )
    .option('--ats-id <id>', 'the ATS whose secret to use, if there are several')
    .option('--respond <statuses>', 'statuses to answer with, in this order; the last one repeats')
    .option('--delay <duration>', 'wait before answering')
    .option('--forward <target>', 'forward every request to this server, and return its answer')
    .addHelpText('after', HELP)
    .action(async (_flags: unknown, self: Command) => listen(self, io));
  addTlsFlags(addReceiverFlags(command));
}

async function listen(command: Command, io: Io): Promise<void> {
  const output = createOutput(io, command);
  const flags = command.optsWithGlobals<ListenFlags>();
  const options = { config: flags.config, atsId: flags.atsId };
  const config = loadAts(io, options);
  // With a secret of its own it needs no configured ATS.
  const ats = flags.secret ? null : selectAts(config, flags.atsId);
  if (ats !== null) await warnOfDiffering(io, config, ats, ['outgoing_secret']);
  const secrets = flags.secret ?? [requireSecret(ats!.outgoingSecret)];
  if (flags.forward !== undefined && (flags.respond !== undefined || flags.delay !== undefined)) {
    throw new CliError(
      '--forward answers what the other server answers, so --respond and --delay do not go with it',
    );
  }
  const answering = {
    // The whole config file is checked where more of it counts than the secret.
    forwardTls:
      flags.forward === undefined
        ? undefined
        : resolveReceiverTls(await loadValidConfig(io, options), io.cwd, flags),
    respond: flags.respond === undefined ? undefined : readStatuses(flags.respond),
    delayMs: flags.delay === undefined ? 0 : parseDuration(flags.delay, '--delay'),
    forwardUrl: flags.forward === undefined ? undefined : parseTarget(flags.forward, '--forward').href,
  };
  // It may make an authority: after all that can be wrong with a flag.
  const place = { host: flags.host, folder: config.folder, cwd: io.cwd };
  const tls = await resolveListenerTls(flags, place);
  const searching = new AbortController();
  let waiting = 0;
  let told = Promise.resolve();
  const tell = (received: ReceivedRequest, diagnosis: Diagnosis | null) => {
    output.document({ ...receivedDocument(received, diagnosis) });
    for (const line of formatReceived(received, output.paint, diagnosis)) output.line(line);
  };
  const receiver = await startOnPort(flags.port, output.note, {
    host: flags.host,
    tls: tls && { cert: tls.cert, key: tls.key },
    secrets,
    ...answering,
    onRequest(received) {
      const isReady = received.verdict.valid && waiting === 0;
      if (isReady || waiting >= MOST_WAITING) return tell(received, null);
      waiting++;
      const incoming = ats?.incomingSecret.value ?? null;
      told = told.then(async () => {
        tell(received, await diagnoseReceived(received, secrets, incoming, searching.signal));
        waiting--;
      });
    },
    onRefused(refused) {
      output.document({ type: 'refused', ...refused });
      for (const line of formatRefused(refused, output.paint)) output.line(line);
    },
  });
  const stopped = new Promise<void>((resolve) => {
    io.onSignal = () => resolve();
  });
  output.document({ type: 'listening', url: receiver.url, secret_fingerprints: secrets.map(fingerprint) });
  output.line(
    `Listening on ${receiver.url} for what is outgoing (CarvOS → ATS), secret ${secrets.map(fingerprint).join(', ')}`,
  );
  const trust = tls === undefined ? '' : ` --receiver-ca ${shellQuote(tls.caFile)}`;
  output.line(
    output.paint.dim(`Make it the webhook URL: ${calledAs()} dev --webhook-url ${receiver.url}${trust}`),
  );
  if (!isLoopbackHost(flags.host)) {
    output.note(`warning: ${flags.host} can be reached by other machines`);
  }
  await stopped;
  searching.abort();
  await receiver.close();
  await told;
}

/** A port asked for is taken or an error; the default one moves on when it is taken. */
async function startOnPort(
  asked: string | undefined,
  note: (text: string) => void,
  options: Omit<ReceiverOptions, 'port'>,
): Promise<Receiver> {
  const first = asked === undefined ? DEFAULT_PORT : parsePort(asked);
  for (let port = first; ; port++) {
    try {
      const receiver = await startReceiver({ ...options, port });
      if (asked === undefined && port !== first) note(`port ${first} is taken; using ${port}`);
      return receiver;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EADDRINUSE' && asked === undefined && port < first + PORTS_TRIED) continue;
      if (code === undefined) throw error;
      if (code === 'EADDRINUSE') {
        const next = 'choose another --port, or stop the program that has it';
        throw new CliError(`port ${port} is taken`, { next, cause: error });
      }
      const next = 'check --host and --port';
      throw new CliError(`cannot listen on ${options.host}:${port} (${code})`, { next, cause: error });
    }
  }
}

function readStatuses(text: string): number[] {
  return text.split(',').map((part) => {
    const status = Number(part.trim());
    if (/^[2-5][0-9]{2}$/.test(part.trim())) return status;
    throw new CliError(`--respond: ${JSON.stringify(part)} is not a status from 200 to 599`, {
      next: 'write it like 500,500,200',
    });
  });
}

const HELP = `
Verifies each request as your receiver must. A request that does not verify gets 401, and listen says why.
Whatever else reaches the port leaves a line, too: another method, a TLS handshake, a body that was cut off.
With --json it prints one object per line, with raw body and headers; the first has the URL. Ctrl-C ends it.

Examples:
  carvos listen
  carvos listen --respond 500,500,200                  fail twice, then accept
  carvos listen --delay 6s                             too slow for CarvOS
  carvos listen --tls                                  HTTPS, as in production
  carvos listen --forward http://localhost:3000/webhooks/carvos`;
