import type { Contestant } from '../../figure';
import { runRace } from '../../run-figure';
import { handTuned } from '../contestants/hand-tuned';
import { peerProgram } from '../contestants/peer-program';
import { fetchPeers } from '../fetch-peers';
import { processorSeconds } from '../processor-time';
import type { ProjectFigure } from '../project';
import type { ProjectStack } from '../project-stack';
import { ReadModel } from '../read-model';
import { checkTotals } from '../totals';

type Model = 'flight' | 'airport';

const MODELS: readonly Model[] = ['flight', 'airport'];
const EMMETT_EVENTS = 20_000;

/** How fast a live model makes up for what was appended while nobody folded. */
export const live: ProjectFigure = {
  name: 'live',
  what: 'events/s of a live model that makes up for a backlog, beside a hand-tuned loop and Emmett',
  run: async (stack, { rounds }, print) => {
    await stack.fill();
    for (const model of MODELS) {
      const { topic, plainTopic, events } = stack;
      const ours = millraceLive(stack, model);
      const byHand =
        'kafkajs eachBatch, one upsert over arrays and the offset in the same transaction, 3 partitions at once; a commit is on disk when it is answered';
      const peers = [
        handTuned({
          ...{ stack, name: 'hand-tuned', topic: plainTopic, model, waitForDisk: true },
          settings: `${byHand}; records without headers`,
        }),
        handTuned({
          ...{ stack, name: 'hand-tuned-headers', topic, model, waitForDisk: true },
          settings: 'the same over the records that Millrace reads',
        }),
        await emmettAppend(stack, model),
      ];
      const metrics = [
        { key: 'rate', name: `live-${model}`, unit: 'events/s' },
        { key: 'cpu', name: `live-${model}-processor`, unit: 'µs of processor an event' },
      ];
      const title = `Live: a backlog of ${events.toLocaleString('en-US')} events (${stack.order}), model ${model}; from the start of the services, which is in it, to the last event committed`;
      await runRace({ title, metrics, ours, peers, warmUpRounds: 0 }, { rounds, print });
    }
  },
};

/** A service and a database of its own in each round. */
function millraceLive(stack: ProjectStack, model: Model): Contestant {
  const { events } = stack;
  return {
    name: 'millrace',
    settings: `the projection service with examples/flights/projections/${model}, by default settings; six headers, repeats dropped; a commit is on disk when it is answered`,
    round: async () => {
      // It folds before it answers that it is ready: its start counts, which is to its own disadvantage.
      const startedAt = performance.now();
      const readModel = await ReadModel.start(stack, { projection: model });
      try {
        await readModel.caughtUp(events);
        const seconds = (performance.now() - startedAt) / 1_000;
        const processor = await processorSeconds(readModel.projection.process.pid);
        const { database } = readModel;
        await checkTotals('millrace', await stack.totals(), {
          database,
          table: `read_model.${model}`,
          model,
        });
        return { rate: events / seconds, cpu: (processor / events) * 1_000_000 };
      } finally {
        await readModel.close();
      }
    },
    close: () => Promise.resolve(),
  };
}

async function emmettAppend(stack: ProjectStack, model: Model): Promise<Contestant> {
  const events = Math.min(stack.events, EMMETT_EVENTS);
  return peerProgram({
    ...{ stack, name: 'emmett', program: 'emmett' },
    ...{ input: { packages: await fetchPeers(), model, what: 'append', events } },
    settings: `Emmett 0.42 with its PostgreSQL store, which stores an event and folds it inline in one transaction, 16 at once; ${events.toLocaleString('en-US')} events`,
  });
}
