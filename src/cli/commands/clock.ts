import type { Command } from 'commander';
import type { ClockCommand } from '../../client/control-client.ts';
import type { ClockMove, ClockView } from '../../contract/control.ts';
import { withEmulator } from '../connect/with-emulator.ts';
import { parseSpeed, SPEEDS } from '../dev/flags.ts';
import { parseDuration } from '../input/duration.ts';
import { suggest } from '../input/offer.ts';
import type { Io } from '../terminal/io.ts';
import { createOutput } from '../terminal/output.ts';
import { formatClock, formatMove } from '../text/clock.ts';

export function define(command: Command, io: Io): void {
  command.addHelpText('afterAll', HELP).action(async (_flags: unknown, self: Command) => {
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
  add('pause', 'stop the schedule; attempts in flight end', () => 'pause');
  add('resume', 'let the schedule go on', () => 'resume');
  add('advance <duration>', 'move ahead, making every attempt that falls due', (text) => ({
    advance: parseDuration(text, 'advance'),
  }));
  add('next', 'move to the next due attempt and make it', () => 'next');
  add('drain', 'move until nothing is pending', () => 'drain');
  add('speed', 'schedule seconds per second, or max, or manual', (text) => ({
    speed: parseSpeed(text, 'speed'),
  })).argument('<n>', '', suggest(SPEEDS));
}

async function move(command: Command, io: Io, what: ClockCommand): Promise<void> {
  const output = createOutput(io, command);
  const { moved, clock } = await withEmulator(io, command, async (client) => {
    const moved: ClockMove = await client.clockMove(what);
    const clock: ClockView = moved.clock;
    return { moved, clock };
  });
  output.document({ ...moved });
  // Pausing or changing the speed makes no attempts of itself: that none was due says nothing there.
  const moves = what === 'next' || what === 'drain' || (typeof what === 'object' && 'advance' in what);
  if (moves || moved.fired.length > 0) {
    for (const line of formatMove(moved, output.paint)) output.line(line);
  }
  for (const line of formatClock(clock, output.paint)) output.line(line);
}

const HELP = `
Alone it says how the clock runs, and what is due next and why. Retry delays run on this clock; what is
on the wire and in the log is wall time.

Examples:
  carvos clock
  carvos clock advance 2h36m           the whole schedule of a failing delivery, at once
  carvos clock next                    one due time further
  carvos clock speed 600
  carvos clock pause
`;
