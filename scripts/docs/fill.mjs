import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

const BLOCK = /(<!-- (generated|include): (.+?) -->\n)[\s\S]*?(<!-- end -->)/g;
const LANGUAGES = { '.mjs': 'js', '.py': 'python', '.yml': 'yaml', '.cs': 'csharp', '.ts': 'ts' };

/**
 * Fills what stands between `<!-- generated: NAME -->` or `<!-- include: FILE -->` and `<!-- end -->`.
 *
 * @param blocks texts by their names; those that are used are added to `used`.
 * @throws Error for a name or file that there is none of.
 */
export function fillBlocks(text, { root, blocks, used }) {
  return text.replace(BLOCK, (_all, start, kind, name, end) => {
    if (kind === 'include')
      return `${start}\n${fence(name, readFileSync(join(root, name), 'utf8'))}\n\n${end}`;
    if (!Object.hasOwn(blocks, name)) throw new Error(`there is no generated block "${name}"`);
    used.add(name);
    return `${start}\n${blocks[name]}\n\n${end}`;
  });
}

function fence(name, text) {
  const ending = extname(name);
  return `\`\`\`${LANGUAGES[ending] ?? ending.slice(1)}\n${text.trimEnd()}\n\`\`\``;
}
