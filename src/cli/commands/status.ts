import type { Command } from 'commander';
import { MAX_STEPS } from '../../contract/retry-schedule.ts';
import { calledAs } from '../../files/called-as.ts';
import { withEmulator } from '../connect/with-emulator.ts';
import type { Io } from '../terminal/io.ts';
import { neutralizeLine } from '../terminal/neutralize.ts';
import { createOutput } from '../terminal/output.ts';
import { formatDuration } from '../text/duration.ts';
import { describeClock, describeDue } from '../text/times.ts';

export function define(command: Command, io: Io): void {
  command
    .addHelpText(
      'after',
      `
The exit code is 2 when no gateway runs.

Examples:
  carvos status
  carvos status --json | jq .deliveries.pending`,
    )
    .action(async (_flags: unknown, self: Command) => {
      const output = createOutput(io, self);
      const status = await withEmulator(io, self, (client) => client.status());
      output.document({ ...status });
      const row = (name: string, text: string) => output.line(`${name.padEnd(11)} ${neutralizeLine(text)}`);
      row('gateway', `${status.url}, carvos ${status.carvos}, pid ${status.pid}`);
      row(
        'running',
        `since ${status.started_at} (${formatDuration(Date.now() - Date.parse(status.started_at))})`,
      );
      row('database', status.database);
      row('accepted', `${status.events} incoming ${status.events === 1 ? 'event' : 'events'} (ATS → CarvOS)`);
      const { jobs, deliveries, clock } = status;
      row(
        'AI jobs',
        `${jobs.queued} queued, ${jobs.running} running, ${jobs.done} done, ${jobs.failed} failed`,
      );
      row(
        'deliveries',
        `${deliveries.pending} pending, ${deliveries.delivered} delivered, ${deliveries.exhausted} exhausted (CarvOS → ATS)`,
      );
      row('clock', describeClock(clock));
      if (clock.next) {
        const { delivery_id, event, next_attempt } = clock.next;
        row(
          'next',
          `attempt ${next_attempt.step}/${MAX_STEPS} of outgoing ${event} ${describeDue(next_attempt)}, ${delivery_id}`,
        );
      }
      const { relied_on, total } = status.assumptions;
      row('assumptions', `${relied_on} of ${total} relied on; ${calledAs()} assumptions lists them`);
      for (const { assumption, fact } of status.facts) row('fact', `${fact} (${assumption})`);
      for (const one of status.ats) {
        row(
          'ATS',
          `${one.id} (${one.name})${one.enabled ? '' : ', disabled'}: webhook URL ${one.webhook_url ?? 'not set'}`,
        );
      }
    });
}
