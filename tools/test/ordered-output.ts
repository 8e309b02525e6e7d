import type { Output } from './check';

interface Section extends Output {
  /** No more text follows; the next section may speak. */
  close(): void;
}

/**
 * Lets things that run at the same time write one after the other: the oldest open section streams, what the
 * younger ones write is kept until it is their turn. Sections appear in the order in which they were opened.
 */
export class OrderedOutput {
  readonly #sections: { readonly kept: string[]; closed: boolean }[] = [];
  readonly #sink: Output;

  constructor(sink: Output) {
    this.#sink = sink;
  }

  open(): Section {
    const section = { kept: [] as string[], closed: false };
    this.#sections.push(section);
    return {
      write: (text) => {
        section.kept.push(text);
        this.#flush();
      },
      close: () => {
        section.closed = true;
        this.#flush();
      },
    };
  }

  #flush(): void {
    for (let head = this.#sections[0]; head !== undefined; head = this.#sections[0]) {
      for (const text of head.kept.splice(0)) {
        this.#sink.write(text);
      }
      if (!head.closed) {
        return;
      }
      this.#sections.shift();
    }
  }
}
