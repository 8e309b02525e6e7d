import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compiledTree } from '@millrace/stack';
import type { MemorySample } from '../ledger/evidence';

/**
 * The environment in which a compiled service collects its garbage every few seconds and adds to a file what it still holds,
 * heap and buffers. Several may share the file; `name` says which it was.
 */
export function reportMemory(name: string, file: string): Record<string, string> {
  const program = pathToFileURL(join(compiledTree(), 'libs/testing/src/memory/report-memory.js')).href;
  return {
    NODE_OPTIONS: `--expose-gc --import ${program}`,
    REPORT_MEMORY_AS: name,
    REPORT_MEMORY_TO: file,
  };
}

/** What services have reported, in the order of time, if anything; a line that a kill cut short is passed over. */
export async function readMemoryReport(file: string): Promise<MemorySample[]> {
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as MemorySample];
    } catch {
      return [];
    }
  });
}
