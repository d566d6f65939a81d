let named: string | undefined;

/** On the page, which has no environment of its own, whatever its gateway was called as. */
export function nameProgram(program: string | undefined): void {
  named = program;
}

/** How carvos was called, and so has to be called again: `npx` makes no `carvos` on the PATH. */
export function calledAs(): string {
  return named ?? (process.env.npm_config_user_agent?.startsWith('npm/') ? 'npx carvos' : 'carvos');
}

const COMMANDS =
  'assumptions|check|clock|completion|config|deliveries|dev|diff|doctor|env|events|exec|fault|init|inspect|jobs|listen|mcp|' +
  'meeting|open|replay|report|reset|run|send|sign|snapshot|status|trace|trigger|verify|workspace';
const COMMAND = new RegExp(`(?<=^|[\\s\`(])(?<!npx )carvos (?=--|(?:${COMMANDS})\\b)`, 'g');

/** A text of ours that names commands, each as it has to be typed here: said of whatever tells a person what to do. */
export function asCalled(text: string): string {
  return text.replace(COMMAND, `${calledAs()} `);
}
