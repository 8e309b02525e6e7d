import { Readable } from 'node:stream';

interface Answer {
  text: string | undefined;
}

/**
 * Answers that leave in the order in which their places were taken, whatever order they become known in. It holds at most
 * as many as `maxWaiting`, if whoever takes places waits while it is `full`: also when nobody reads it.
 */
export class OrderedAnswers extends Readable {
  private waiting: Answer[] = [];
  private head = 0;
  private wanted = false;
  private scheduled = false;
  private finished = false;
  private wake: (() => void)[] = [];

  constructor(private readonly maxWaiting: number) {
    // One chunk at a time: what is ready leaves together, and nothing is kept beside it.
    super({ highWaterMark: 1 });
  }

  get full(): boolean {
    return this.waiting.length - this.head >= this.maxWaiting;
  }

  /** Resolves when it may not be full any more, or is destroyed. */
  notFull(): Promise<void> {
    return new Promise((resolve) => this.wake.push(resolve));
  }

  /** Takes the next place, and gives what fills it. */
  place(): (text: string) => void {
    const answer: Answer = { text: undefined };
    this.waiting.push(answer);
    return (text) => {
      answer.text = text;
      if (this.waiting[this.head] === answer) this.schedule();
    };
  }

  add(text: string): void {
    this.place()(text);
  }

  /** Resolves when every place is filled and gone, or it is destroyed. */
  async settled(): Promise<void> {
    while (this.head < this.waiting.length && !this.destroyed) await this.notFull();
  }

  /** Nothing is added any more. */
  finish(): void {
    this.finished = true;
    this.schedule();
  }

  override _read(): void {
    this.wanted = true;
    this.schedule();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.wakeAll();
    done(error);
  }

  /** The log acknowledges many at once: after this turn they leave in one chunk. */
  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  private flush(): void {
    if (!this.wanted || this.destroyed) return;
    let text = '';
    for (let next = this.waiting[this.head]; next?.text !== undefined; next = this.waiting[this.head]) {
      text += next.text;
      this.head += 1;
    }
    if (text !== '') {
      if (this.head === this.waiting.length || this.head > this.maxWaiting) {
        this.waiting = this.waiting.slice(this.head);
        this.head = 0;
      }
      this.wanted = false;
      this.wanted = this.push(text) || this.wanted;
      this.wakeAll();
    }
    if (this.finished && this.head === this.waiting.length) this.push(null);
  }

  private wakeAll(): void {
    for (const resume of this.wake.splice(0)) resume();
  }
}
