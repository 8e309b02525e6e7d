const TERMINAL_MS = 200;
const LINES_MS = 10_000;

/** Shows how far a publishing is, on standard error: a line that renews itself on a terminal, otherwise one every 10 s. */
export class PublishProgress {
  published = 0;
  refused = 0;
  readonly #terminal = process.stderr.isTTY;
  #shownAt = performance.now();
  #shown = false;

  /** Call it for every answer. */
  tick(): void {
    const now = performance.now();
    if (now - this.#shownAt < (this.#terminal ? TERMINAL_MS : LINES_MS)) return;
    this.#shownAt = now;
    this.#shown = true;
    process.stderr.write(this.#terminal ? `\r${this.toString()}` : `${this.toString()}\n`);
  }

  /** Writes a line of its own beside the progress. */
  say(line: string): void {
    this.clear();
    process.stderr.write(`${line}\n`);
  }

  /** Takes the renewing line away. */
  clear(): void {
    if (this.#terminal && this.#shown) process.stderr.write('\r\u001b[K');
    this.#shown = false;
  }

  toString(): string {
    return `${this.published} published, ${this.refused} refused`;
  }
}
