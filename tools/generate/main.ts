import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SchemaSourceError } from '@millrace/schema-sources';
import type { SourceFile } from '@millrace/schema-sources';
import { resolveConfig } from 'prettier';
import { generate, generatedDirectory, indexPath } from './generate';
import { upcastersFile } from './render-upcasters';

/**
 * Generates libs/contracts from schemas/, in the workspace of the current directory, and removes what no domain claims
 * any more. With `--check` it writes nothing, names the files that would differ, and exits 1 when there are any.
 */
async function main(): Promise<number> {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const files = await generate({
    sources: await readSources(),
    index: await readFile(indexPath, 'utf8'),
    style: (await resolveConfig(join(process.cwd(), indexPath))) ?? {},
  });
  const changed = await findChanged(files);
  const orphans = await findOrphans(files);
  if (values.check) return reportDifferences(changed, orphans);
  await mkdir(generatedDirectory, { recursive: true });
  for (const file of changed) await writeFile(file.path, file.text);
  for (const path of orphans) await rm(path);
  for (const file of changed) console.log(`wrote ${file.path}`);
  for (const path of orphans) console.log(`removed ${path}`);
  if (changed.length + orphans.length === 0) console.log('generated code is up to date');
  return 0;
}

function reportDifferences(changed: readonly SourceFile[], orphans: readonly string[]): number {
  for (const file of changed) console.error(`${file.path} differs from what schemas/ says`);
  for (const path of orphans) console.error(`${path} belongs to no domain under schemas/`);
  if (changed.length + orphans.length === 0) return 0;
  console.error('run `npm run generate` and commit the result');
  return 1;
}

/** Every .avsc, topics.yaml and upcasters.ts in a folder of schemas/; none when there is no such folder. */
async function readSources(): Promise<SourceFile[]> {
  const sources: SourceFile[] = [];
  for (const domain of await listDirectory('schemas', 'folders')) {
    for (const name of await listDirectory(`schemas/${domain}`, 'files')) {
      if (!name.endsWith('.avsc') && name !== 'topics.yaml' && name !== upcastersFile) continue;
      const path = `schemas/${domain}/${name}`;
      sources.push({ path, text: await readFile(path, 'utf8') });
    }
  }
  return sources;
}

async function findChanged(files: readonly SourceFile[]): Promise<SourceFile[]> {
  const current = await Promise.all(files.map((file) => readFile(file.path, 'utf8').catch(() => undefined)));
  return files.filter((file, index) => file.text !== current[index]);
}

async function findOrphans(files: readonly SourceFile[]): Promise<string[]> {
  const wanted = new Set(files.map((file) => file.path));
  const present = await listDirectory(generatedDirectory, 'files');
  return present.map((name) => `${generatedDirectory}/${name}`).filter((path) => !wanted.has(path));
}

async function listDirectory(path: string, what: 'files' | 'folders'): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory() === (what === 'folders')).map((entry) => entry.name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof SchemaSourceError)) throw error;
  console.error(`schemas/ cannot be turned into code:\n${error.message}`);
  process.exitCode = 1;
}
