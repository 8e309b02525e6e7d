import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

const guarded = new Map<number, NodeJS.Signals>();
let guard: ChildProcess | undefined;

/**
 * From now on the process group led by `pid` does not outlive this process, even when this one is killed with SIGKILL:
 * its leader is sent `signal`, and about 8 s later the whole group SIGKILL. One guard process serves all groups; it
 * never keeps this process from exiting, and goes when the last group is released.
 */
export function guardProcessGroup(pid: number, signal: NodeJS.Signals): void {
  guarded.set(pid, signal);
  if (guard === undefined) startGuard();
  else tell(guard, `+ ${pid} ${signal}`);
}

/** The group is gone; its pid may soon be somebody else's. Idempotent. */
export function releaseProcessGroup(pid: number): void {
  if (!guarded.delete(pid) || guard === undefined) return;
  tell(guard, `- ${pid}`);
  if (guarded.size > 0) return;
  guard.stdin?.end();
  guard = undefined;
}

function startGuard(): void {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const file = fileURLToPath(new URL(`./process-guard-main.${extension}`, import.meta.url));
  const started = spawn(process.execPath, [file], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  guard = started;
  started.unref();
  // A pipe is a socket; while it is referenced, this process would not exit by itself.
  (started.stdin as Socket).unref();
  started.stdin.on('error', () => undefined);
  // Somebody killed it: another one takes over, as long as there is something to guard.
  const replace = (): void => {
    if (guard !== started) return;
    guard = undefined;
    if (guarded.size > 0) startGuard();
  };
  started.once('exit', replace);
  started.once('error', () => undefined);
  for (const [pid, signal] of guarded) tell(started, `+ ${pid} ${signal}`);
}

function tell(child: ChildProcess, line: string): void {
  child.stdin?.write(`${line}\n`);
}
