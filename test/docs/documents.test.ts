import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ENVIRONMENT } from '../../src/contract/environment.ts';

const ROOT = join(import.meta.dirname, '../..');

const DOCUMENTS = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

const read = (name: string) => readFileSync(join(ROOT, name), 'utf8');

/** Without code, where brackets are no links. */
const prose = (text: string) => text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');

/** The anchors of headings, as GitHub makes them. */
function anchorsOf(text: string): Set<string> {
  const headings = text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, title]) =>
      title!
        .toLowerCase()
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

test.each(DOCUMENTS)('every link of %s leads somewhere', (name) => {
  const broken = [...prose(read(name)).matchAll(/\]\(([^)\s]+)\)|src="([^"]+)"/g)]
    .map(([, link, source]) => (link ?? source)!)
    .filter((link) => !/^https?:/.test(link))
    .filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? name : join(dirname(name), path);
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && !anchorsOf(read(target)).has(anchor);
    });
  expect(broken).toEqual([]);
});

describe('pages stay short', () => {
  const limitOf = (name: string) => {
    if (name === 'README.md') return 220;
    if (/^docs\/(?:reference\/|fidelity)|^docs\/architecture\/rooms/.test(name))
      return Number.POSITIVE_INFINITY;
    if (name.startsWith('docs/architecture/')) return 120;
    return name.startsWith('docs/') ? 250 : Number.POSITIVE_INFINITY;
  };
  test.each(DOCUMENTS)('%s', (name) => {
    expect(read(name).split('\n').length - 1).toBeLessThanOrEqual(limitOf(name));
  });
});

test('every environment variable in the code is documented, and no other', () => {
  const inCode = new Set<string>();
  for (const name of readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (!/\.tsx?$/.test(name) || name === 'contract/environment.ts') continue;
    for (const [found] of read(`src/${name}`).matchAll(/\bCARVOS_[A-Z_]+\b/g)) inCode.add(found);
  }
  // A placeholder in an example, the end of a here-document, and what the build defines.
  for (const name of [
    'CARVOS_END',
    'CARVOS_SECRET',
    'CARVOS_WEBHOOK_SECRET',
    'CARVOS_PORT',
    'CARVOS_VERSION__',
  ])
    inCode.delete(name);
  expect([...inCode].sort()).toEqual(ENVIRONMENT.map(({ name }) => name).sort());
});
