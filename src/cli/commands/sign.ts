import type { Command } from 'commander';
import { DIRECTION_LABEL, type EventDirection } from '../../contract/event-names.ts';
import { fingerprint } from '../../signing/fingerprint.ts';
import { SIGNATURE_HEADER } from '../../signing/header.ts';
import { sign } from '../../signing/sign.ts';
import { configuredSecret } from '../config/direction-secret.ts';
import { requireSecret } from '../config/secrets.ts';
import { parseDirection, parseTime, readInput, readSecret } from '../input/flags.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput } from '../terminal/output.ts';

interface Options {
  secret?: string;
  timestamp?: number;
  header?: boolean;
  direction: EventDirection;
  atsId?: string;
  config?: string;
}

export function define(command: Command, io: Io): void {
  command
    .argument('[file]', 'the body, byte for byte; - or nothing for standard input')
    .option('--secret <secret>', 'sign with this secret instead of the configured one', readSecret)
    .option('--timestamp <time>', 't: Unix seconds or ISO 8601; now by default', (text) =>
      parseTime(text, '--timestamp'),
    )
    .option('--header', `print the whole header line, ${SIGNATURE_HEADER}: …`)
    .option(
      '--direction <direction>',
      'whose secret: incoming (ATS → CarvOS) or outgoing (CarvOS → ATS)',
      parseDirection,
      'incoming',
    )
    .option('--ats-id <id>', 'which ATS, where the config file has several')
    .addHelpText(
      'after',
      `
Examples:
  carvos sign body.json
  curl http://127.0.0.1:4010/v1/webhooks/demo-ats -H "$(carvos sign --header body.json)" \\
    -H 'Content-Type: application/json' --data-binary @body.json
  printf '{}' | carvos sign --direction outgoing --timestamp 1768472880`,
    )
    .action(async (file: string | undefined, options: Options) => run(io, command, file, options));
}

async function run(io: Io, command: Command, file: string | undefined, options: Options): Promise<void> {
  const output = createOutput(io, command);
  const secret =
    options.secret === undefined
      ? configuredSecret(io, options.direction, options)
      : { value: options.secret, origin: '--secret', label: 'secret', setBy: '--secret' };
  const value = requireSecret(secret);
  const body = await readInput(io, file);
  const signature = sign(body, value, { timestamp: options.timestamp });
  if (output.verbose) {
    output.note(
      `signed ${body.length} bytes, ${DIRECTION_LABEL[options.direction]}, ${fingerprint(value)} (${secret.origin})`,
    );
  }
  output.line(options.header === true ? `${SIGNATURE_HEADER}: ${signature}` : signature);
  if (!output.json) return;
  output.document({
    signature,
    header: SIGNATURE_HEADER,
    direction: options.direction,
    bytes: body.length,
    secret: { fingerprint: fingerprint(value), origin: secret.origin },
  });
}
