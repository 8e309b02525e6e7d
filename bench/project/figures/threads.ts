import type { Contestant } from '../../figure';
import { runRace } from '../../run-figure';
import { millraceRebuild } from '../contestants/millrace-rebuild';
import type { ProjectFigure } from '../project';
import type { ProjectStack } from '../project-stack';

const MODELS = ['flight', 'airport'] as const;

/** What a second thread that folds is worth. */
export const threads: ProjectFigure = {
  name: 'threads',
  what: 'events/s of a rebuild with two threads that fold, beside one, and beside the one that answers queries',
  run: async (stack, { rounds }, print) => {
    await stack.fill();
    for (const model of MODELS) {
      const ours = withThreads(stack, model, { name: 'two-threads', threads: 2 });
      const peers = [
        withThreads(stack, model, { name: 'one-thread', threads: 1 }),
        withThreads(stack, model, { name: 'no-thread', threads: 0 }),
      ];
      const metrics = [
        { key: 'rate', name: `threads-${model}`, unit: 'events/s' },
        { key: 'cpu', name: `threads-${model}-processor`, unit: 'µs of processor an event' },
      ];
      const title = `Threads: a rebuild of ${model} from ${stack.events.toLocaleString('en-US')} events (${stack.order}), services of their own in each round`;
      await runRace({ title, metrics, ours, peers, warmUpRounds: 0 }, { rounds, print });
    }
  },
};

/** New services in each round: two at once would share the partitions, for their Kafka groups have one name. */
function withThreads(
  stack: ProjectStack,
  model: (typeof MODELS)[number],
  { name, threads }: { readonly name: string; readonly threads: number },
): Contestant {
  const settings = `FOLD_THREADS=${threads}; all else by default`;
  return {
    ...{ name, settings },
    round: async () => {
      const contestant = await millraceRebuild({
        ...{ stack, model, name, settings, variables: { FOLD_THREADS: String(threads) } },
      });
      try {
        return await contestant.round();
      } finally {
        await contestant.close();
      }
    },
    close: () => Promise.resolve(),
  };
}
