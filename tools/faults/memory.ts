import { readFile } from 'node:fs/promises';
import type { MemorySample } from '@millrace/testing';

/** The resident memory of processes now; one that has just ended, or a system without /proc, has none. */
export async function sampleMemory(pids: ReadonlyMap<string, number>): Promise<MemorySample[]> {
  const at = Date.now();
  const samples = [...pids].map(async ([name, pid]) => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
    return kilobytes === undefined
      ? []
      : [{ at, process: `${name} (pid ${pid})`, bytes: Number(kilobytes) * 1_024 }];
  });
  return (await Promise.all(samples)).flat();
}
