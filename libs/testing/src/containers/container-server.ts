import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ServerStartError } from '@millrace/stack';
import type { ServerHandle } from '../server-handle';

const POLL_MS = 100;
const READY_TIMEOUT_MS = 60_000;
const STOP_GRACE_SECONDS = 5;

/** What a container engine does with one container. */
export interface EngineContainer {
  /** Starts it, or starts it again with the data and the ports that it has. */
  start(): Promise<void>;
  isRunning(): Promise<boolean>;
  /** Asks it to stop, kills it after the grace, and resolves when it has stopped. */
  stop(graceSeconds: number): Promise<void>;
  /** Sends a signal to its first process. */
  signal(signal: NodeJS.Signals): Promise<void>;
  /** Resolves when it runs no more. */
  ended(): Promise<void>;
  /** Stops all its processes from running, and lets them run again. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Appends what it writes from now on to a file, until it ends. */
  follow(logFile: string): Promise<void>;
}

export interface ContainerServerOptions {
  readonly name: string;
  readonly container: EngineContainer;
  readonly logFile: string;
  /** False or a rejection means not yet. */
  readonly isReady: () => Promise<boolean>;
  readonly readyTimeoutMs?: number;
}

/**
 * A server in a container, with the handle that tests have of an embedded one. Its data and its port are the container's
 * and survive a kill. SIGSTOP and SIGCONT are the engine's pause and unpause: as with an embedded server all of its
 * processes stand still, not only the first.
 */
export class ContainerServer implements ServerHandle {
  readonly name: string;
  readonly logFile: string;
  /** Its processes are the engine's. */
  readonly pid = undefined;

  constructor(private readonly options: ContainerServerOptions) {
    this.name = options.name;
    this.logFile = options.logFile;
  }

  /** @throws ServerStartError STACK_SERVER_DID_NOT_START; the container does not run then */
  async start(signal?: AbortSignal): Promise<void> {
    const { container } = this.options;
    if (await container.isRunning()) return;
    signal?.throwIfAborted();
    try {
      await container.start();
    } catch (cause) {
      throw this.startError(`the container engine refused (${String(cause)})`, cause);
    }
    await this.becomeReady(signal);
  }

  /**
   * Follows the log of a container that has just been started, and resolves once the server is ready.
   * @throws ServerStartError STACK_SERVER_DID_NOT_START; the container does not run then
   */
  async becomeReady(signal?: AbortSignal): Promise<void> {
    await this.options.container.follow(this.logFile);
    const problem = await this.waitUntilReady(signal);
    if (problem === undefined) return;
    await this.stop();
    signal?.throwIfAborted();
    throw this.startError(problem);
  }

  async stop(): Promise<void> {
    if (await this.options.container.isRunning()) await this.options.container.stop(STOP_GRACE_SECONDS);
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const { container } = this.options;
    if (!(await container.isRunning())) return;
    if (signal === 'SIGSTOP') return container.freeze();
    if (signal === 'SIGCONT') return container.thaw();
    await container.signal(signal);
    if (signal === 'SIGKILL') await container.ended();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  logTail(lines = 20): string {
    try {
      return readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
    } catch {
      return '';
    }
  }

  private async waitUntilReady(signal: AbortSignal | undefined): Promise<string | undefined> {
    const { container, isReady, readyTimeoutMs = READY_TIMEOUT_MS } = this.options;
    const deadline = Date.now() + readyTimeoutMs;
    while (Date.now() < deadline) {
      if (signal?.aborted) return 'it was stopped before it was ready';
      if (await isReady().catch(() => false)) return undefined;
      if (!(await container.isRunning())) return 'its container ended';
      await delay(POLL_MS);
    }
    return `it was not ready after ${readyTimeoutMs} ms`;
  }

  private startError(reason: string, cause?: unknown): ServerStartError {
    return new ServerStartError(this.name, reason, {
      logFile: this.logFile,
      logTail: this.logTail(),
      cause,
    });
  }
}
