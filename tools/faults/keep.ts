import { cp } from 'node:fs/promises';
import { join } from 'node:path';

const KEPT = '.millrace/faults';

/** Copies what a run left, without Kafka's own files, to where it stays; gives the place. */
export async function keep(directory: string, name: string): Promise<string> {
  const kept = join(KEPT, name);
  await cp(directory, kept, { recursive: true, filter: (path) => !path.includes('/kafka/') });
  return kept;
}
