import { readFile } from 'node:fs/promises';

/** USER_HZ of proc(5), which is 100 on every Linux that Node runs on. */
const TICKS_A_SECOND = 100;
/** `utime` and `stime` of proc_pid_stat(5), counted from behind the name, which may hold anything. */
const USER = 11;
const SYSTEM = 12;

/** What all threads of a process have used of the processors so far, in seconds; NaN where this system does not tell. */
export async function processorSeconds(pid: number | undefined): Promise<number> {
  if (pid === undefined) return Number.NaN;
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[USER]) + Number(fields[SYSTEM])) / TICKS_A_SECOND;
}
