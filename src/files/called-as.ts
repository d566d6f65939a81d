/** How carvos was called, and so has to be called again: `npx` makes no `carvos` on the PATH. */
export function calledAs(): 'carvos' | 'npx carvos' {
  return process.env.npm_config_user_agent?.startsWith('npm/') ? 'npx carvos' : 'carvos';
}

/** A text of ours that names commands, each as it has to be typed here. */
export function asCalled(text: string): string {
  return text.replace(/(?<=^|[\s`(])carvos (?=[a-z-])/g, `${calledAs()} `);
}
