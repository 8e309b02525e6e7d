import { consumerProgram } from '../../deliver/contestants/consumer-program';
import { countingOf } from '../../deliver/handled';
import type { Contestant } from '../../figure';
import { runRace } from '../../run-figure';
import { handTuned } from '../contestants/hand-tuned';
import { kafkaStreams } from '../contestants/kafka-streams';
import { millraceRebuild } from '../contestants/millrace-rebuild';
import { peerProgram } from '../contestants/peer-program';
import { fetchPeers } from '../fetch-peers';
import type { ProjectFigure } from '../project';
import type { ProjectStack } from '../project-stack';

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

/** Those that take milliseconds an event are measured with fewer. */
const PLAIN_EVENTS = 2_000;
const EMMETT_EVENTS = 20_000;

function rebuildFigure({ name, model, rows }: RebuildModel): ProjectFigure {
  return {
    name,
    what: `events/s of a rebuild of ${rows}, beside what limits it and what others do`,
    run: async (stack, { rounds }, print) => {
      await stack.fill();
      const { events, order } = stack;
      const limits = [readingLimit(stack), ...(model === 'flight' ? [writingLimit(stack)] : [])];
      const peers = [
        ...limits,
        ...loops(stack, model),
        await emmettRebuild(stack, model),
        await kafkaStreams({ stack, model, exactlyOnce: false }),
        await kafkaStreams({ stack, model, exactlyOnce: true }),
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
      const title = `Rebuild of ${rows}: ${events.toLocaleString('en-US')} events of ${(events / 2).toLocaleString('en-US')} flights (${order}), 6 partitions`;
      return runRace({ title, metrics, ours, peers, warmUpRounds: 0 }, { rounds, print });
    },
  };
}

function readingLimit({ brokers, registryUrl, plainTopic, events }: ProjectStack): Contestant {
  return consumerProgram({
    ...{ name: 'reading-limit', program: 'kafkajs-no-op' },
    ...{ input: { brokers, registryUrl, topic: plainTopic, warmUp: 0, counted: events } },
    settings:
      'kafkajs eachBatch over records without headers, avsc decodes each value and nothing is done with it; 3 partitions at once, a commit every 5 s; the whole log once to warm up, then again from the join to the last',
  });
}

function writingLimit(stack: ProjectStack): Contestant {
  return peerProgram({
    ...{ stack, name: 'writing-limit', program: 'copy-rows', lasting: true },
    ...{ input: { flights: stack.events / 2 } },
    settings: `COPY of the same rows, ready as text, into an empty logged table with the same key; pg-copy-streams, one connection; two events a row`,
  });
}

function loops(stack: ProjectStack, model: RebuildModel['model']): Contestant[] {
  const { brokers, registryUrl, topic, plainTopic, events } = stack;
  return [
    handTuned({
      ...{ stack, name: 'hand-tuned', topic: plainTopic, model, waitForDisk: false },
      settings:
        'kafkajs eachBatch, avsc, 3 partitions at once; a batch folded in memory, one upsert over arrays, the offset in the same transaction; commits not waited for, as in a rebuild of ours; records without headers',
    }),
    handTuned({
      ...{ stack, name: 'hand-tuned-headers', topic, model, waitForDisk: false },
      settings: 'the same over the records that Millrace reads',
    }),
    peerProgram({
      ...{ stack, name: 'plain-loop', program: 'plain-loop' },
      ...{ input: { brokers, registryUrl, topic, model, ...countingOf(Math.min(events / 2, PLAIN_EVENTS)) } },
      settings: `kafkajs eachMessage, one upsert and one commit of the offset for each event; ${PLAIN_EVENTS.toLocaleString('en-US')} events at most, after half as many that warm up`,
    }),
  ];
}

async function emmettRebuild(stack: ProjectStack, model: RebuildModel['model']): Promise<Contestant> {
  const events = Math.min(stack.events, EMMETT_EVENTS);
  return peerProgram({
    ...{ stack, name: 'emmett', program: 'emmett', lasting: true },
    ...{ input: { packages: await fetchPeers(), model, what: 'rebuild', events } },
    settings: `Emmett 0.42 with its PostgreSQL store, rebuildPostgreSQLProjections of a Pongo projection; ${events.toLocaleString('en-US')} events`,
  });
}
