import { availableParallelism } from 'node:os';
import type { BenchOptions } from '../options';
import { startBenchStack } from './bench-stack';
import type { BenchStack } from './bench-stack';
import { idempotentTopics } from './figures/idempotent-topics';
import { latency } from './figures/latency';
import { memory } from './figures/memory';
import { ndjsonIngest } from './figures/ndjson-ingest';
import { outboxRelay } from './figures/outbox-relay';
import { singlePost } from './figures/single-post';

/** What is measured of publishing: prints its contestants and its BENCH lines. */
export interface PublishFigure {
  readonly name: string;
  /** For the help. */
  readonly what: string;
  run(stack: BenchStack, options: BenchOptions, print: (line: string) => void): Promise<unknown>;
}

/** All of them, in the order in which they are measured. A new figure is one more entry. */
export const publishFigures: readonly PublishFigure[] = [
  ndjsonIngest,
  singlePost,
  latency,
  idempotentTopics,
  outboxRelay,
  memory,
];

export const figureNames: readonly string[] = publishFigures.map(({ name }) => name);

/** Measures the figures that the options name, each beside its peers, on a stack of its own. */
export async function runPublish(options: BenchOptions, print: (line: string) => void): Promise<void> {
  const wanted = publishFigures.filter(
    ({ name }) => options.only.length === 0 || options.only.includes(name),
  );
  const stack = await startBenchStack();
  try {
    print(
      `${availableParallelism()} cores, shared by the brokers, the registry, PostgreSQL, the service and the load; ` +
        'acks=all, one broker, no compression. Contestants take turns, and only one works at a time.',
    );
    for (const figure of wanted) await figure.run(stack, options, print);
  } finally {
    await stack.stop();
  }
}
