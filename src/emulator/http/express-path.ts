/** A path with `{name}`, as OpenAPI has it, in the way Express has it. */
export function expressPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}
