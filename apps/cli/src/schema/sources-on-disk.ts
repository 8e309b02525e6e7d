import { readdir, readFile } from 'node:fs/promises';
import type { SourceFile } from '@millrace/schema-sources';
import { SchemasNotFoundError } from './errors';

/**
 * The .avsc and topics.yaml files of every folder of schemas/ in the current directory.
 * @throws SchemasNotFoundError when there is no such directory.
 */
export async function readSourcesOnDisk(): Promise<SourceFile[]> {
  const sources: SourceFile[] = [];
  for (const domain of await entries('schemas')) {
    if (!domain.isDirectory()) continue;
    for (const file of await entries(`schemas/${domain.name}`)) {
      const path = `schemas/${domain.name}/${file.name}`;
      if (file.isFile() && isSource(path)) sources.push({ path, text: await readFile(path, 'utf8') });
    }
  }
  return sources;
}

/** Whether a path, seen from the workspace root, is one of the files that domains are made of. */
export function isSource(path: string): boolean {
  return /^schemas\/[^/]+\/([^/]+\.avsc|topics\.yaml)$/.test(path);
}

async function entries(path: string) {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (cause) {
    throw (cause as NodeJS.ErrnoException).code === 'ENOENT' ? new SchemasNotFoundError(path, cause) : cause;
  }
}
