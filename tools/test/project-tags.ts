/**
 * Fails unless every directory of apps/, libs/ and examples/ is a project with exactly one `type:` tag that the lint
 * knows: the boundary rule lets everything pass in a directory that it cannot place.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

interface LintConfiguration {
  readonly allowedImports: Readonly<Record<string, readonly string[]>>;
}

const lint = (await import(pathToFileURL(resolve('eslint.config.mjs')).href)) as LintConfiguration;
const known = Object.keys(lint.allowedImports).map((type) => `type:${type}`);

let projects = 0;
for (const root of await projectRoots(['apps', 'libs', 'examples'])) {
  projects += 1;
  const types = (await readTags(join(root, 'project.json'))).filter((tag) => tag.startsWith('type:'));
  if (types.length !== 1 || !known.includes(types[0] ?? '')) {
    process.exitCode = 1;
    console.error(
      `${root}/project.json: expected one tag out of ${known.join(', ')}; got ${types.join(', ') || 'none'}`,
    );
  }
}
if (process.exitCode === undefined) {
  console.log(`${projects} projects, each with its type`);
}

async function projectRoots(groups: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    groups.map(async (group) => {
      // A user may delete examples/ as a whole.
      const entries = await readdir(group, { withFileTypes: true }).catch(() => []);
      return entries.filter((entry) => entry.isDirectory()).map((entry) => join(group, entry.name));
    }),
  );
  return found.flat();
}

async function readTags(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch(() => '{}');
  return (JSON.parse(text) as { readonly tags?: readonly string[] }).tags ?? [];
}
