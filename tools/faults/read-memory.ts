import { readFile } from 'node:fs/promises';
import type { MemorySample } from '@millrace/testing';

/** What the services have noted of their memory, if anything; a line that a kill cut short is passed over. */
export async function readMemory(file: string): Promise<MemorySample[]> {
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as MemorySample];
    } catch {
      return [];
    }
  });
}
