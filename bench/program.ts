import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { compiledTree } from '@millrace/stack';
import type { Measured } from './figure';

type Message = { readonly ready: true } | { readonly measured: Measured } | { readonly failed: string };

/**
 * A contestant's own process, or the load of one: a program below `bench` that calls `serveRounds`. It lives through all rounds,
 * so that what is compiled while it runs is compiled once.
 */
export class Program {
  private constructor(
    private readonly file: string,
    private readonly child: ChildProcess,
  ) {}

  /** Starts a compiled program and waits until it is ready. `input` is any JSON. @throws Error when it fails */
  static async start(file: string, input: object): Promise<Program> {
    const child = fork(join(compiledTree(), 'bench', file), [JSON.stringify(input)], {
      execArgv: ['--enable-source-maps', '--disable-warning=TimeoutNegativeWarning'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const program = new Program(file, child);
    await program.answer();
    return program;
  }

  /** @throws Error when the program has failed or ended */
  async round(): Promise<Measured> {
    this.child.send({ measure: true });
    const message = await this.answer();
    return 'measured' in message ? message.measured : {};
  }

  /** Asks the program to end the round under way, for those whose length is decided from here. */
  finish(): void {
    this.child.send({ finish: true });
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await exited;
  }

  private answer(): Promise<Message> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null): void => reject(new Error(`${this.file} ended with ${code}`));
      this.child.once('exit', ended);
      this.child.once('message', (message: Message) => {
        this.child.off('exit', ended);
        if ('failed' in message) reject(new Error(`${this.file}: ${message.failed}`));
        else resolve(message);
      });
    });
  }
}

/**
 * The other side of `Program`: prepares once with what it was given, then measures as often as it is asked.
 * `prepare` may take its time; only what it gives back is measured, and that by itself. The signal says that the round is to end,
 * for those that go on until then.
 */
export async function serveRounds<Input>(
  prepare: (input: Input) => Promise<(finish: AbortSignal) => Promise<Measured>>,
): Promise<void> {
  const send = (message: Message): void => void process.send?.(message);
  const fail = (error: unknown): void =>
    send({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.once('disconnect', () => process.exit());
  try {
    const measure = await prepare(JSON.parse(process.argv[2] ?? '{}') as Input);
    let round = new AbortController();
    process.on('message', (message: object) => {
      if ('finish' in message) {
        round.abort();
        return;
      }
      round = new AbortController();
      measure(round.signal).then((measured) => send({ measured }), fail);
    });
    send({ ready: true });
  } catch (error) {
    fail(error);
  }
}
