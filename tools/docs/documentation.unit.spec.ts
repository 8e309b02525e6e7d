import { existsSync, globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { anchorsOf, findReferences, mentions } from './references';

/** A user may delete the example as a whole; the documentation goes on speaking of it. */
const EXAMPLE = ['examples', 'schemas/flights'];

const root = join(import.meta.dirname, '../..');
/** What a run leaves behind is in no repository: a fresh clone has none of it. */
const RUNTIME = '.millrace';
const topLevel = new Set(
  readdirSync(root)
    .filter((name) => name !== RUNTIME)
    .concat('examples'),
);
const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: root })];

describe.each(pages)('%s', (page) => {
  const text = read(page);
  const { paths, links, symbols } = findReferences(text, topLevel);

  it('names only paths that are in the repository', () => {
    expect(paths.filter((path) => !isThere(path))).toEqual([]);
  });

  it('links only to pages, files and headings that are there', () => {
    expect(links.filter((link) => !leadsSomewhere(page, link))).toEqual([]);
  });

  it('places a name only in a file that holds it', () => {
    const wrong = symbols.filter(({ name, path }) => !isDeleted(path) && !mentions(read(path), name));
    expect(wrong).toEqual([]);
  });
});

function leadsSomewhere(page: string, link: string): boolean {
  const [target = '', anchor] = link.split('#');
  const path = target === '' ? page : normalize(join(dirname(page), target));
  if (isDeleted(path)) return true;
  if (!existsSync(join(root, path))) return false;
  return anchor === undefined || anchorsOf(read(path)).has(anchor);
}

function isThere(path: string): boolean {
  return isDeleted(path) || globSync(path, { cwd: root }).length > 0;
}

function isDeleted(path: string): boolean {
  return EXAMPLE.some(
    (deleted) => (path === deleted || path.startsWith(`${deleted}/`)) && !existsSync(join(root, deleted)),
  );
}

/** The text of a file, or of all files right below a directory. */
function read(path: string): string {
  const full = join(root, path);
  if (!existsSync(full)) return '';
  if (!statSync(full).isDirectory()) return readFileSync(full, 'utf8');
  return globSync('*.*', { cwd: full })
    .map((name) => readFileSync(join(full, name), 'utf8'))
    .join('\n');
}
