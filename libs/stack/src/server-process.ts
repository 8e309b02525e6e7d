import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openLog, tailOfLog } from './log-file';
import { isPortFree } from './ports';
import { guardProcessGroup, releaseProcessGroup } from './process-guard';
import { identifyProcess } from './process-identity';
import { describeExit, ServerStartError, type ServerExit } from './server-start-error';

const POLL_MS = 50;
const GONE_POLL_MS = 5;
const GROUP_GONE_WITHIN_MS = 2_000;
const GROUP_SIGNALS: readonly NodeJS.Signals[] = ['SIGKILL', 'SIGSTOP', 'SIGCONT'];

export interface ServerProcessOptions {
  /** For messages: `kafka`, `producer`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The child's whole environment; by default this process's. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Run as another user; only root may. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Standard output and error are appended here. */
  readonly logFile: string;
  /** Holds the child's identity while it lives, for whoever cleans up after a crash. */
  readonly pidFile?: string;
  /** Ports of 127.0.0.1 that must be free before the child is spawned. */
  readonly ports?: readonly number[];
  /** Polled every 50 ms once the last answer is in; false or a rejection means not yet. */
  readonly isReady: () => Promise<boolean>;
  /** Default 60,000. */
  readonly readyTimeoutMs?: number;
  /**
   * What a child logs that ends at its start and could start a moment later; it is started again then, within
   * `readyTimeoutMs`. Default: nothing is like that.
   */
  readonly startsLater?: RegExp;
  /** What asks the child to stop; default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
  /** How long it may take to stop before SIGKILL; default 5,000. */
  readonly stopGraceMs?: number;
  /** Called when the child dies although neither `stop`, `kill` nor `restart` asked it to, once it had been ready. */
  readonly onExit?: (exit: ServerExit) => void;
}

interface Run {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly logStartByte: number;
  readonly exit: Promise<ServerExit>;
  exited: ServerExit | undefined;
  ready: boolean;
  asked: boolean;
}

/**
 * A supervised child process: a process group of its own, so that a terminal's Ctrl-C reaches only the parent, which
 * decides the order; its output in a file; gone when the parent is gone, however that ends.
 */
export class ServerProcess {
  readonly name: string;
  readonly logFile: string;
  private run: Run | undefined;

  constructor(private readonly options: ServerProcessOptions) {
    this.name = options.name;
    this.logFile = options.logFile;
  }

  /** The living child's pid, which is also its process group; undefined while there is none. */
  get pid(): number | undefined {
    return this.run?.pid;
  }

  /**
   * Spawns the child and resolves once it is ready. Does nothing when it already runs. Not to be called twice at once.
   * @throws ServerStartError STACK_SERVER_DID_NOT_START, or the signal's reason; no child is left then.
   */
  async start(signal?: AbortSignal): Promise<void> {
    if (this.run !== undefined) return;
    for (const port of this.options.ports ?? []) {
      if (!(await isPortFree(port)))
        throw this.startError(`port ${port} of 127.0.0.1 is taken by another process`);
    }
    const { readyTimeoutMs = 60_000, startsLater } = this.options;
    const deadline = Date.now() + readyTimeoutMs;
    for (;;) {
      signal?.throwIfAborted();
      const run = await this.spawn();
      const problem = await this.waitUntilReady(run, signal);
      if (problem === undefined) return;
      const mayStartLater = run.exited !== undefined && !run.asked && Date.now() < deadline;
      await (signal?.aborted ? this.stop() : this.end(run, 'SIGKILL'));
      signal?.throwIfAborted();
      const error = this.startError(problem, run.logStartByte);
      if (!mayStartLater || startsLater?.test(error.message) !== true) throw error;
      await delay(POLL_MS);
    }
  }

  /** Asks the child to stop, kills it after the grace, and resolves when its whole group is gone. Idempotent. */
  async stop(): Promise<void> {
    if (this.run !== undefined) await this.end(this.run, this.options.stopSignal ?? 'SIGTERM');
  }

  /**
   * Sends a signal: SIGKILL, SIGSTOP and SIGCONT to the whole group, any other to the child alone. After SIGKILL it
   * resolves when the child is gone.
   */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const { run } = this;
    if (run === undefined) return;
    if (signal === 'SIGKILL') return this.end(run, 'SIGKILL');
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') run.asked = true;
    send(GROUP_SIGNALS.includes(signal) ? -run.pid : run.pid, signal);
  }

  /** Stops the child when it runs, and starts it again with the same command, environment and ports. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** The last lines that the present or last run logged. */
  logTail(lines = 20): string {
    return tailOfLog(this.logFile, { lines });
  }

  private async spawn(): Promise<Run> {
    const { command, args, env = process.env, cwd, user, logFile, stopSignal = 'SIGTERM' } = this.options;
    const log = openLog(logFile);
    const child = spawn(command, args, {
      env,
      cwd,
      ...user,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    closeSync(log.fd);
    const { pid } = child;
    if (pid === undefined) {
      const cause = await new Promise<Error>((resolve) => child.once('error', resolve));
      throw this.startError(`${command} could not be run (${cause.message})`, log.startByte, cause);
    }
    guardProcessGroup(pid, stopSignal);
    const exit = new Promise<ServerExit>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    const run: Run = {
      child,
      pid,
      logStartByte: log.startByte,
      exit,
      exited: undefined,
      ready: false,
      asked: false,
    };
    this.run = run;
    this.writePidFile(pid);
    void exit.then((ended) => this.onEnded(run, ended));
    return run;
  }

  private onEnded(run: Run, exit: ServerExit): void {
    run.exited = exit;
    // Whatever the leader left behind in its group goes with it, before the group's number can be anybody else's.
    send(-run.pid, 'SIGKILL');
    releaseProcessGroup(run.pid);
    if (this.options.pidFile !== undefined) rmSync(this.options.pidFile, { force: true });
    if (this.run === run) this.run = undefined;
    if (run.ready && !run.asked) this.options.onExit?.(exit);
  }

  private async waitUntilReady(run: Run, signal: AbortSignal | undefined): Promise<string | undefined> {
    const { readyTimeoutMs = 60_000, isReady } = this.options;
    const deadline = Date.now() + readyTimeoutMs;
    while (Date.now() < deadline) {
      const answer = await Promise.race([isReady().catch(() => false), run.exit.then(() => false)]);
      if (run.asked || signal?.aborted) return 'it was stopped before it was ready';
      if (run.exited !== undefined) return `it ${describeExit(run.exited)}`;
      if (answer) {
        run.ready = true;
        return undefined;
      }
      await Promise.race([delay(POLL_MS), run.exit]);
    }
    return `it was not ready after ${readyTimeoutMs} ms`;
  }

  private async end(run: Run, signal: NodeJS.Signals): Promise<void> {
    run.asked = true;
    const grace = new AbortController();
    if (signal !== 'SIGKILL') {
      send(run.pid, signal);
      const graceMs = this.options.stopGraceMs ?? 5_000;
      const expired = delay(graceMs, undefined, { signal: grace.signal }).catch(() => undefined);
      await Promise.race([run.exit, expired]);
      grace.abort();
    }
    send(-run.pid, 'SIGKILL');
    await run.exit;
    // What it had spawned is dying, too; whoever reaps it may be late.
    const deadline = Date.now() + GROUP_GONE_WITHIN_MS;
    while (send(-run.pid, 0) && Date.now() < deadline) await delay(GONE_POLL_MS);
  }

  private writePidFile(pid: number): void {
    const { pidFile } = this.options;
    if (pidFile === undefined) return;
    mkdirSync(dirname(pidFile), { recursive: true });
    writeFileSync(pidFile, JSON.stringify(identifyProcess(pid) ?? {}));
  }

  private startError(reason: string, logStartByte?: number, cause?: unknown): ServerStartError {
    const { logFile } = this.options;
    const logTail = logStartByte === undefined ? '' : tailOfLog(logFile, { startByte: logStartByte });
    return new ServerStartError(this.name, reason, { logFile, logTail, cause });
  }
}

/** False when there is nobody to receive it. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
