import { runRace } from '../../run-figure';
import { consumerProgram } from '../contestants/consumer-program';
import { millraceGroup } from '../contestants/millrace-group';
import { springListener } from '../contestants/spring-listener';
import type { DeliverFigure } from '../deliver';
import { countingOf } from '../handled';

/** What it costs to bring an event from the log to a handler. */
export const noOp: DeliverFigure = {
  name: 'no-op',
  what: 'events/s with a handler that does nothing, beside kafkajs, NestJS’s Kafka transport and Spring Kafka',
  run: async (stack, { events, rounds }, print) => {
    const counting = countingOf(events);
    await stack.fill(counting.warmUp + counting.counted);
    const { brokers, registryUrl, topic, plainTopic } = stack;
    const input = { brokers, registryUrl, topic, ...counting };
    const decoding = 'avsc decodes each value; 3 partitions at once';
    const commits = 'a commit every 5 s';
    const passes = 'the whole log once to warm up, then again from the join to the last';
    const ours = millraceGroup({
      ...{ stack, group: 'no-op', counting },
      settings:
        'the consumer service, by default settings; six headers, repeats dropped, position in PostgreSQL, a method of a Nest controller for each event',
    });
    const peers = [
      consumerProgram({
        ...{ name: 'kafkajs-no-headers', program: 'kafkajs-no-op', input: { ...input, topic: plainTopic } },
        settings: `eachBatch over records without headers; ${decoding}, ${commits}; ${passes}`,
      }),
      consumerProgram({
        ...{ name: 'kafkajs', program: 'kafkajs-no-op', input },
        settings: `eachBatch over the records that Millrace reads; ${decoding}, ${commits}; ${passes}`,
      }),
      consumerProgram({
        ...{ name: 'nest-transport', program: 'nest-transport', input },
        settings: `NestJS's own Kafka transport, a method of a controller for each event; ${decoding}, a commit after each batch, as it comes`,
      }),
      await springListener({
        ...{ stack, name: 'spring-defaults', tuned: false, counting },
        settings:
          'Spring Kafka, a record listener, Avro; 500 records a poll, a commit after each that is waited for',
      }),
      await springListener({
        ...{ stack, name: 'spring-tuned', tuned: true, counting },
        settings: 'the same with 5,000 records a poll, asynchronous commits, 3 threads',
      }),
    ];
    const metrics = [
      { key: 'rate', name: 'no-op', unit: 'events/s' },
      { key: 'cpu', name: 'no-op-processor', unit: 'µs of processor an event' },
    ];
    const title = `No-op handler: ${counting.counted.toLocaleString('en-US')} flight events after ${counting.warmUp.toLocaleString('en-US')} that warm up, from the log's start, 6 partitions; from the first that is counted to the last`;
    return runRace({ title, metrics, ours, peers, warmUpRounds: 0 }, { rounds, print });
  },
};
