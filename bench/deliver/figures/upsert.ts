import { runRace } from '../../run-figure';
import { consumerProgram } from '../contestants/consumer-program';
import { millraceGroup } from '../contestants/millrace-group';
import { springListener } from '../contestants/spring-listener';
import { withDatabase } from '../contestants/with-database';
import type { DeliverFigure } from '../deliver';
import { countingOf } from '../handled';
import { UPSERT } from '../upsert-sql';

/** A database answers some thousand times a second: so many fewer events than those that are only read. */
const FEWER = 10;
/** Those who commit for each record are slower still. */
const STILL_FEWER = 50;

/** What an event costs whose effect is a row in PostgreSQL. */
export const upsert: DeliverFigure = {
  name: 'upsert',
  what: 'events/s with one upsert an event, beside one transaction a record and other frameworks',
  run: async (stack, { events, rounds }, print) => {
    const counting = countingOf(Math.ceil(events / FEWER));
    await stack.fill(counting.warmUp + counting.counted);
    const { brokers, registryUrl, topic } = stack;
    const few = countingOf(Math.ceil(events / STILL_FEWER));
    const input = { brokers, registryUrl, topic, ...few };
    const ours = millraceGroup({
      ...{ stack, group: 'upsert', counting },
      settings: 'the consumer service, by default settings; group commits of upserts and position',
    });
    const peers = [
      withDatabase(
        stack,
        'transaction-a-record',
        'kafkajs, one transaction a record with the upsert and the position; 3 partitions at once',
        (databaseUrl) =>
          consumerProgram({
            ...{ name: '', settings: '', program: 'kafkajs-transactions', input: { ...input, databaseUrl } },
          }),
      ),
      withDatabase(
        stack,
        'nest-transport',
        'NestJS’s own Kafka transport, one upsert an event; positions in Kafka: a crash repeats effects; 3 partitions at once',
        (databaseUrl) =>
          consumerProgram({
            ...{ name: '', settings: '', program: 'nest-transport', input: { ...input, databaseUrl } },
          }),
      ),
      withDatabase(
        stack,
        'spring-tuned',
        'Spring Kafka, one JDBC upsert a record; 5,000 records a poll, asynchronous commits to Kafka: a crash repeats effects; 3 threads',
        (databaseUrl) =>
          springListener({
            ...{ stack, name: '', settings: '', tuned: true, counting: few },
            effect: { databaseUrl, statement: UPSERT },
          }),
      ),
    ];
    const metrics = [{ key: 'rate', name: 'upsert', unit: 'events/s' }];
    const title = `Transactional handler: one upsert an event, ${counting.counted.toLocaleString('en-US')} events after ${counting.warmUp.toLocaleString('en-US')} that warm up, and ${few.counted.toLocaleString('en-US')} after ${few.warmUp.toLocaleString('en-US')} for the peers; a commit is on disk when it is answered`;
    return runRace({ title, metrics, ours, peers, warmUpRounds: 0 }, { rounds, print });
  },
};
