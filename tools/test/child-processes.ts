import { spawn, type ChildProcess } from 'node:child_process';
import type { Output } from './check';

const killAfterMs = 15_000;

/** Starts the run's child processes and ends them when the run is interrupted. */
export class ChildProcesses {
  readonly #running = new Set<ChildProcess>();
  readonly #environment: NodeJS.ProcessEnv;

  constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
  }

  /** Runs this process's own Node with `args`, its output going to `output`. Resolves to the exit code or signal. */
  run(args: readonly string[], output: Output): Promise<number | NodeJS.Signals> {
    const child = spawn(process.execPath, args, {
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#running.add(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => output.write(text));
    }
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        this.#running.delete(child);
        resolve(code ?? signal ?? 'SIGKILL');
      });
    });
  }

  /** Asks every child to end, and kills what is left after 15 s. */
  stop(): void {
    for (const child of this.#running) {
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), killAfterMs).unref();
    }
  }
}
