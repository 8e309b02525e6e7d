import { readFile } from 'node:fs/promises';

/** A process as the demo names it; without a pid when it runs elsewhere. */
export type Pids = Readonly<Record<string, number | undefined>>;

/**
 * The most memory that each process has had resident so far, in MiB (VmHWM of proc_pid_status(5)). PostgreSQL's is
 * that of its whole process tree at this moment instead, with what they share counted once (Pss of
 * proc_pid_smaps_rollup(5)). What this system does not tell is absent; undefined where it tells nothing.
 */
export async function peakMemoryMiB(pids: Pids): Promise<Record<string, number> | undefined> {
  const found: Record<string, number> = {};
  for (const [name, pid] of Object.entries(pids)) {
    if (pid === undefined) continue;
    const kib = name === 'postgres' ? await treeKib(pid) : await field(`/proc/${pid}/status`, 'VmHWM');
    if (kib !== undefined) found[name] = Math.round(kib / 1_024);
  }
  return Object.keys(found).length === 0 ? undefined : found;
}

/** Undefined when the root may not be read; its children run as the same user. */
async function treeKib(pid: number): Promise<number | undefined> {
  const own = await field(`/proc/${pid}/smaps_rollup`, 'Pss');
  if (own === undefined) return undefined;
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const below = await Promise.all(children.split(' ').filter(Boolean).map(Number).map(treeKib));
  // A session may have ended in between.
  return below.reduce<number>((sum, kib) => sum + (kib ?? 0), own);
}

/** The number of a line such as `VmHWM:	  123456 kB`. */
async function field(file: string, name: string): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const [, value] = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text) ?? [];
  return value === undefined ? undefined : Number(value);
}
