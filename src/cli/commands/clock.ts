import type { Command } from 'commander';
import type { ClockCommand } from '../../client/control-client.ts';
import { withEmulator } from '../connect/with-emulator.ts';
import { parseSpeed, SPEEDS } from '../dev/flags.ts';
import { parseDuration, suggest } from '../input/flags.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput } from '../terminal/output.ts';
import { untilSignal } from '../terminal/until-signal.ts';
import { formatClock, formatMove } from '../text/clock.ts';

export function define(command: Command, io: Io): void {
  command.addHelpText('after', HELP).action(async (_flags: unknown, self: Command) => {
    const output = createOutput(io, self);
    const clock = await withEmulator(io, self, (client) => client.clock());
    output.document({ ...clock });
    for (const line of formatClock(clock, output.paint)) output.line(line);
  });

  const add = (usage: string, summary: string, read: (argument: string) => ClockCommand) =>
    command
      .command(usage)
      .description(summary)
      .action(async (...args: unknown[]) => {
        const self = args.at(-1) as Command;
        await move(self, io, read(String(args[0])));
      });
  add('pause', 'stop the retry schedule; attempts in flight finish', () => 'pause');
  add('resume', 'let the retry schedule go on', () => 'resume');
  add('advance <duration>', 'move ahead by a duration, and make every attempt that falls due', (text) => ({
    advance: parseDuration(text, 'advance'),
  }));
  add('next', 'move to the next due attempt, and make it', () => 'next');
  add('drain', 'make all pending attempts, until nothing is pending', () => 'drain');
  add('speed', 'set the speed of the retry schedule: a factor, max or manual', (text) => ({
    speed: parseSpeed(text, 'speed'),
  })).argument('<n>', '', suggest(SPEEDS));
}

async function move(command: Command, io: Io, what: ClockCommand): Promise<void> {
  const output = createOutput(io, command);
  const moved = await withEmulator(io, command, (client) =>
    untilSignal(
      io,
      client.clockMove(what),
      'the gateway goes on to move the clock',
      'carvos clock shows how far it is',
    ),
  );
  output.document({ ...moved });
  // Pausing or changing the speed makes no attempts of itself: that none was due says nothing there.
  const moves = what === 'next' || what === 'drain' || (typeof what === 'object' && 'advance' in what);
  if (moves || moved.fired.length > 0) {
    for (const line of formatMove(moved, output.paint)) output.line(line);
  }
  for (const line of formatClock(moved.clock, output.paint)) output.line(line);
}

const HELP = `
carvos clock alone shows the speed, and which attempts are due, when and why. Only the retry delays run on this
clock; times on the wire and in the log are real ones. After advance all that is kept is that much older: the log
goes after 7 days, unused uploads after 72 hours.

Examples:
  carvos clock
  carvos clock advance 2h36m           all five attempts of a failing delivery, at once
  carvos clock next                    the next attempt, now
  carvos clock speed 600
  carvos clock pause`;
