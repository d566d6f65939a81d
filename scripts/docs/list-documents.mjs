import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The project's Markdown documents, by their path from the root. */
export function listDocuments(root) {
  const top = readdirSync(root).filter((name) => name.endsWith('.md'));
  const pages = readdirSync(join(root, 'docs'), { recursive: true }).filter((name) => name.endsWith('.md'));
  return [...top, ...pages.map((name) => `docs/${name.replaceAll('\\', '/')}`)].sort();
}
