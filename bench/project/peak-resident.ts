import { readFile, writeFile } from 'node:fs/promises';

const KIB_A_MIB = 1_024;
/** Sets the peak to what is resident now: proc_pid_clear_refs(5). */
const RESET_PEAK = '5';

/** Lets the peak of a process begin anew. @throws Error where this system cannot */
export async function resetPeakResident(pid: number | undefined): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, RESET_PEAK);
}

/** The most that a process has had resident since the last reset, whole MiB: VmHWM of proc_pid_status(5). */
export async function peakResidentMiB(pid: number | undefined): Promise<number> {
  const [, kib] = /^VmHWM:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kib) / KIB_A_MIB);
}
