// Tables that repeat what the code knows.

/** What each exit code means; a code without a meaning here stops the generator. */
const EXIT_MEANINGS = {
  ok: 'Done, and what you asked for holds. `dev` stopped cleanly.',
  notMet: 'The receiver did not accept, or an expectation or probe does not hold.',
  usage:
    'A flag, the configuration or an input file is wrong; or a running gateway is needed and there is none.',
  signature: 'A signature does not verify.',
  refused: 'The gateway answered, but not 2xx.',
  unreachable: 'Unreachable: refused, reset, DNS or TLS.',
  timeout: 'Gave up waiting (`--timeout`). The output says what is pending and when it is due.',
  bug: 'A bug in carvos.',
  interrupted: 'Interrupted (Ctrl-C) before it could finish.',
  terminated: 'Terminated before it could finish.',
};

const SPEEDS = [1, 60, 600];

export function renderTables({
  COMMANDS,
  OUTPUTS,
  FINDINGS,
  FAULTS,
  MAGIC_TAGS,
  EXIT,
  PROBE_FACTS,
  RETRY_DELAYS_MS,
}) {
  return {
    findings: table(
      ['code', 'meaning'],
      FINDINGS.map(({ code, meaning }) => [`\`${code}\``, meaning]),
    ),
    probes: table(
      ['probe', 'level', 'what holds when it passes'],
      PROBE_FACTS.map(({ id, level, title }) => [`\`${id}\``, level, title]),
    ),
    commands: table(
      ['group', 'command', 'does'],
      Object.entries(COMMANDS).map(([name, { group, summary }], at, all) => [
        all[at - 1]?.[1].group === group ? '' : group,
        `\`carvos ${name}\``,
        summary,
      ]),
    ),
    outputs: table(
      ['schema', 'printed by', 'what it is'],
      OUTPUTS.map(({ name, title, commands, lines }) => [
        `\`${name}\``,
        commands.map((command) => `\`${command}\``).join(', '),
        lines ? `${title}; one object a line` : title,
      ]),
    ),
    schedule: table(
      ['attempt', 'production', ...SPEEDS.slice(1).map((speed) => `\`--speed ${speed}\``)],
      RETRY_DELAYS_MS.map((delay, index) => [
        String(index + 1),
        ...SPEEDS.map((speed) => (delay === 0 ? 'at once' : `after ${duration(delay / speed)}`)),
      ]),
    ),
    faults: table(
      ['kind', 'where', 'does'],
      Object.entries(FAULTS).map(([kind, { places, what }]) => [`\`${kind}\``, places.join(', '), what]),
    ),
    magic: table(
      ['e-mail', 'on', 'result'],
      MAGIC_TAGS.map(({ example, on, description }) => [
        `\`${example}\``,
        on
          .split(', ')
          .map((event) => `\`${event}\``)
          .join(', '),
        description,
      ]),
    ),
    'exit-codes': table(
      ['code', 'meaning'],
      Object.entries(EXIT).map(([name, code]) => {
        if (!(name in EXIT_MEANINGS)) throw new Error(`No meaning for the exit code ${name}`);
        return [String(code), EXIT_MEANINGS[name]];
      }),
    ),
  };
}

export function table(head, rows) {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

function duration(ms) {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60_000) return `${ms / 1000} s`;
  return ms < 3_600_000 ? `${ms / 60_000} min` : `${ms / 3_600_000} h`;
}
