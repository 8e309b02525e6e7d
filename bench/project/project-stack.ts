import { catalogue } from '@millrace/contracts';
import { createKafkaClient, KafkaCluster } from '@millrace/kafka';
import { groupOf } from '@millrace/projecting';
import type { ProjectionBuild } from '@millrace/projecting';
import { applyCatalogue, createTestDatabase, silentLogger, startTestStack, waitFor } from '@millrace/testing';
import type { TestDatabase, TestService } from '@millrace/testing';
import type { BenchOptions, FlightOrder } from '../options';
import { Program } from '../program';
import type { FillInput } from './programs/fill';
import { totalsOf } from './totals';
import type { Totals } from './totals';

/** The servers of a benchmark of read models, and the logs that they are made from. */
export interface ProjectStack {
  readonly brokers: string[];
  readonly registryUrl: string;
  /** The flights, as the producer service writes them. */
  readonly topic: string;
  /** The same values and keys in as many partitions and in the same order, without headers. */
  readonly plainTopic: string;
  /** Events of the whole log; two of each flight. */
  readonly events: number;
  readonly order: FlightOrder;
  /** A database of its own; whoever asks for it drops it. */
  createDatabase(): Promise<TestDatabase>;
  startService(app: string, settings: Record<string, string>, name?: string): Promise<TestService>;
  /** Takes the Kafka groups of builds away: another database knows nothing of their offsets. Their services are gone. */
  forgetGroups(builds: readonly ProjectionBuild[]): Promise<void>;
  /** Makes sure that both logs hold so many events at least; by default all. */
  fill(events?: number): Promise<void>;
  /** How many records the log of `topic` holds now, whoever wrote them. */
  logEnd(): Promise<number>;
  /** What the rows of a model of all events add up to; reckoned once. */
  totals(): Promise<Totals>;
  stop(): Promise<void>;
}

const TOPIC = 'flights';
const PLAIN_TOPIC = 'bench-plain';

/** Starts them in a directory of their own; what is in the environment is not used. */
export async function startProjectStack({ events: wanted, order }: BenchOptions): Promise<ProjectStack> {
  const flights = Math.floor(wanted / 2);
  // A commit is on disk when it is answered, as in production.
  const stack = await startTestStack({ durable: true });
  const brokers = [...stack.addresses.kafkaBrokers];
  const registryUrl = stack.addresses.schemaRegistryUrl;
  const cluster = new KafkaCluster(createKafkaClient({ brokers, clientId: 'bench', log: silentLogger }));
  let filled = 0;
  let totals: Promise<Totals> | undefined;
  try {
    const plain = catalogue.topics.flatMap((topic) =>
      topic.name === TOPIC ? [{ ...topic, name: PLAIN_TOPIC, events: [] }] : [],
    );
    await applyCatalogue({ ...catalogue, topics: [...catalogue.topics, ...plain] }, { brokers, registryUrl });
  } catch (error) {
    await stack.stop();
    throw error;
  }
  return {
    ...{ brokers, registryUrl, topic: TOPIC, plainTopic: PLAIN_TOPIC, events: flights * 2, order },
    // As `npm start` has it: to compare texts as a language does takes a large part of all writing.
    createDatabase: () => createTestDatabase(stack.addresses.databaseUrl, { order: 'server' }),
    startService: (app, settings, name) => stack.startService(app, settings, name),
    forgetGroups: async (builds) => {
      for (const group of builds.map(groupOf)) {
        await waitFor(`the group ${group} to be gone`, () => cluster.deleteGroup(group));
      }
    },
    fill: async (events = flights * 2) => {
      if (events <= filled) return;
      const part = { brokers, registryUrl, order, flights, from: filled, to: events };
      await Promise.all([
        write({ ...part, topic: TOPIC, withHeaders: true }),
        write({ ...part, topic: PLAIN_TOPIC, withHeaders: false }),
      ]);
      filled = events;
    },
    logEnd: async () =>
      (await cluster.logBounds(TOPIC)).reduce((records, { end }) => records + Number(end), 0),
    totals: () => (totals ??= totalsOf(flights)),
    stop: async () => {
      await cluster.close();
      await stack.stop();
    },
  };
}

/** In a process of its own, so that both logs are written at once. */
async function write(input: FillInput): Promise<void> {
  const program = await Program.start('project/programs/fill.js', input);
  try {
    await program.round();
  } finally {
    await program.close();
  }
}
