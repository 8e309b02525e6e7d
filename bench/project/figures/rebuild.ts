import { consumerProgram } from '../../deliver/contestants/consumer-program';
import { runRace } from '../../run-figure';
import { handTuned } from '../contestants/hand-tuned';
import { millraceRebuild } from '../contestants/millrace-rebuild';
import type { ProjectFigure } from '../project';

/** How fast a read model with a row for each flight is made again from the log. */
export const rebuildEntity = rebuildFigure({
  name: 'rebuild-entity',
  model: 'flight',
  rows: 'a row for each flight',
});

/** How fast a read model with a row for each airport is made again from the log. */
export const rebuildAggregate = rebuildFigure({
  name: 'rebuild-aggregate',
  model: 'airport',
  rows: 'a few hundred airports',
});

interface RebuildModel {
  readonly name: string;
  readonly model: 'flight' | 'airport';
  readonly rows: string;
}

function rebuildFigure({ name, model, rows }: RebuildModel): ProjectFigure {
  return {
    name,
    what: `events/s of a rebuild of ${rows}, beside what limits it and what others do`,
    run: async (stack, { rounds }, print) => {
      await stack.fill();
      const { brokers, registryUrl, topic, plainTopic, events } = stack;
      const byHand =
        'kafkajs eachBatch, avsc, 3 partitions at once; a batch folded in memory, one upsert over arrays, the offset in the same transaction; commits not waited for, as in a rebuild of ours';
      const peers = [
        consumerProgram({
          ...{ name: 'reading-limit', program: 'kafkajs-no-op' },
          ...{ input: { brokers, registryUrl, topic: plainTopic, warmUp: 0, counted: events } },
          settings:
            'kafkajs eachBatch over records without headers, avsc decodes each value and nothing is done with it; 3 partitions at once, a commit every 5 s; the whole log once to warm up, then again from the join to the last',
        }),
        handTuned({
          ...{ stack, name: 'hand-tuned', topic: plainTopic, model, waitForDisk: false },
          settings: `${byHand}; records without headers`,
        }),
        handTuned({
          ...{ stack, name: 'hand-tuned-headers', topic, model, waitForDisk: false },
          settings: `the same over the records that Millrace reads`,
        }),
      ];
      const ours = await millraceRebuild({
        ...{ stack, model },
        settings: `the projection service with examples/flights/projections/${model}, and the replay service, by default settings; six headers, repeats dropped; the live build has read all and is idle; from the first partition taken to the last event committed; -swapped: from the request until readers see the new rows, the proof included`,
      });
      const metrics = [
        { key: 'rate', name, unit: 'events/s' },
        { key: 'whole', name: `${name}-swapped`, unit: 'events/s' },
        { key: 'cpu', name: `${name}-processor`, unit: 'µs of processor an event' },
      ];
      const title = `Rebuild of ${rows}: ${events.toLocaleString('en-US')} events of ${(events / 2).toLocaleString('en-US')} flights (${stack.order}), 6 partitions`;
      return runRace({ title, metrics, ours, peers, warmUpRounds: 0 }, { rounds, print });
    },
  };
}
