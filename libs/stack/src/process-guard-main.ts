// The guard: a small process of its own that outlives its parent by a few seconds. Its standard input is a pipe from
// the parent, which the kernel closes however the parent ends, SIGKILL included. Run by Node as it stands: in the
// sources by type stripping, so it imports nothing of ours and uses only types that can be erased.
import { createInterface } from 'node:readline';

const GRACE_MS = 8_000;
const POLL_MS = 50;

/** Process group (and pid of its leader) to the signal that asks the leader to stop. */
const groups = new Map<number, NodeJS.Signals>();

// Only the end of the pipe ends the guard: a signal meant for the whole session must not open the cage.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, pid, signal] = line.split(' ');
  if (verb === '+') groups.set(Number(pid), signal as NodeJS.Signals);
  if (verb === '-') groups.delete(Number(pid));
}

// The leader alone is asked: PostgreSQL's children, for one, take the same signals to mean something else.
for (const [pid, signal] of groups) send(pid, signal);
const deadline = Date.now() + GRACE_MS;
while (Date.now() < deadline && [...groups.keys()].some((pid) => send(pid, 0))) {
  await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
for (const pid of groups.keys()) send(-pid, 'SIGKILL');

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
