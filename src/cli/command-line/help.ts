import { COMMANDS } from '../commands/index.ts';

/** The help of `carvos` alone. */
export function rootHelp(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length)) + 2;
  const lines: string[] = [];
  let last = '';
  for (const [name, { group, summary }] of Object.entries(COMMANDS)) {
    if (group !== last) lines.push('', `${group}:`);
    lines.push(`  ${name.padEnd(width)}${summary}`);
    last = group;
  }
  return `A local CarvOS gateway for ATS engineers.

Usage: carvos <command> [options]

${lines.slice(1).join('\n')}

Options on every command:
  --config <file>   config file (default: carvos.config.json here or in a folder above)
  --json            print JSON, for programs
  --color <when>    auto, always or never (default: auto)
  --verbose         say more, with stack traces of bugs
  -h, --help        show the help of a command, with examples
  --version         print the version

Examples:
  carvos dev                                      run the gateway, with a built-in receiver
  carvos send candidate.created --wait            in another terminal: one event through the whole loop
  carvos verify body.json --signature "t=…,v1=…"  why does this signature not verify?

Guides: docs/README.md (in the npm package and the repository)
`;
}
