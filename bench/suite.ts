import { availableParallelism } from 'node:os';
import type { BenchOptions } from './options';

/** What is measured together: prints its contestants and its BENCH lines. */
export interface SuiteFigure<Stack> {
  readonly name: string;
  /** For the help. */
  readonly what: string;
  run(stack: Stack, options: BenchOptions, print: (line: string) => void): Promise<unknown>;
}

/** A verb of the benchmark, such as `publish`, with its figures. */
export interface Suite {
  readonly name: string;
  readonly figures: readonly { readonly name: string; readonly what: string }[];
  /** Without options. */
  readonly defaults: { readonly rounds: number; readonly events: number };
  /** What a round does before it is counted, for the help. */
  readonly warmUp: string;
  run(options: BenchOptions, print: (line: string) => void): Promise<void>;
}

/** A suite whose figures share a stack, which is started for them and stopped afterwards. */
export function suiteOf<Stack extends { stop(): Promise<void> }>(suite: {
  readonly name: string;
  /** In the order in which they are measured. */
  readonly figures: readonly SuiteFigure<Stack>[];
  readonly defaults: Suite['defaults'];
  readonly warmUp: string;
  readonly start: (options: BenchOptions) => Promise<Stack>;
  /** What all figures have in common, for the reader. */
  readonly setting: string;
}): Suite {
  return {
    ...suite,
    run: async (options, print) => {
      const wanted = suite.figures.filter(
        ({ name }) => options.only.length === 0 || options.only.includes(name),
      );
      const stack = await suite.start(options);
      try {
        print(
          `${availableParallelism()} cores, ${suite.setting} Contestants take turns, and only one works at a time.`,
        );
        for (const figure of wanted) await figure.run(stack, options, print);
      } finally {
        await stack.stop();
      }
    },
  };
}
