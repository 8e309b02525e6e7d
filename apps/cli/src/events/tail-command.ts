import { catalogue } from '@millrace/contracts';
import { createKafkaClient, KafkaCluster, readRange } from '@millrace/kafka';
import { EventCodec, RegistryClient } from '@millrace/schema-registry';
import {
  createLogger,
  defineConfiguration,
  kafkaVariables,
  parseConfiguration,
  registryVariables,
} from '@millrace/service';
import { Command, InvalidArgumentError } from 'commander';
import { KafkaUnreachableError } from '../errors';
import { printed } from '../print';
import { parseLogPlace } from './log-place';
import type { LogPlace } from './log-place';
import { recordFilter } from './record-filter';
import type { FilterOptions } from './record-filter';
import { parseTopicChoice, resolveRanges } from './resolve-ranges';
import type { TopicChoice } from './resolve-ranges';
import { describeRecord, recordLine } from './tailed-record';

interface TailOptions extends FilterOptions {
  readonly from?: string;
  readonly to?: string;
  readonly follow?: boolean;
  readonly limit?: number;
  readonly json?: boolean;
}

const help = `
A place is one of: earliest, latest, an offset, a time such as 2026-01-31T12:00:00Z, or a time before now such as -10m.
A time means the first record with that timestamp or a later one. Without --from it is earliest, or latest with --follow;
without --to it is the present end. Records of one partition come in their order, partitions in any. No consumer group is
joined, and nothing is committed. A record that is no event or cannot be decoded is shown as that.

Exit codes:
  0    it was read to its end or its limit, or Ctrl-C ended a --follow, or the reader of the output closed it (| head)
  1    Kafka or the registry did not answer, no such topic, or an option that cannot be used
  130  Ctrl-C before the end

Examples:
  millrace events tail flights --limit 5
  millrace events tail flights --follow --type flights.FlightLanded --where destination=SFO
  millrace events tail flights --from -10m --json | jq .data
  millrace events tail flights/3 --from 6781 --limit 1`;

/** `millrace events tail`. */
export function tailCommand(): Command {
  const several = (value: string, before: readonly string[] = []): string[] => [...before, value];
  return new Command('tail')
    .description('read events from the log, decoded, one a line')
    .argument(
      '[topics...]',
      'topics, or single partitions such as flights/3; by default every topic of the catalogue',
    )
    .option('--from <place>', 'where to begin in each partition')
    .option('--to <place>', 'where to end, without it')
    .option('-f, --follow', 'go on as the log grows')
    .option('--limit <count>', 'end after so many records that were shown', count)
    .option('--type <type>', 'only this event type; may be repeated', several)
    .option('--key <key>', 'only this key; may be repeated', several)
    .option('--where <field=value>', 'only where the data has it; repeated, all of them', several)
    .option('--json', 'print JSON objects instead of text')
    .addHelpText('after', help)
    .action(async (topics: string[], options: TailOptions) => {
      process.exitCode = await tail(topics, options);
    });
}

async function tail(topics: readonly string[], options: TailOptions): Promise<number> {
  const { follow = false, limit = Infinity, json = false } = options;
  const from = parseLogPlace('--from', options.from ?? (follow ? 'latest' : 'earliest'));
  const to = options.to === undefined ? undefined : parseLogPlace('--to', options.to);
  const choices =
    topics.length > 0 ? topics.map(parseTopicChoice) : catalogue.topics.map(({ name }) => ({ topic: name }));
  const shows = recordFilter(options);
  const settings = parseConfiguration(
    defineConfiguration({ ...kafkaVariables, ...registryVariables }),
    process.env,
  );
  const codec = new EventCodec(catalogue, new RegistryClient({ url: settings.SCHEMA_REGISTRY_URL }));
  const kafka = connect(settings.KAFKA_BROKERS);
  const ranges = await rangesOf(choices, { kafka, brokers: settings.KAFKA_BROKERS, from, to, follow });
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  process.once('SIGINT', stop);
  let shown = 0;
  try {
    for await (const record of readRange(kafka, ranges, { follow, signal: stopped.signal })) {
      if (shown >= limit) break;
      const described = await describeRecord(record, codec);
      if (!shows(described)) continue;
      await printed(json ? JSON.stringify(described) : recordLine(described));
      shown += 1;
      if (shown >= limit) break;
    }
    return 0;
  } catch (error) {
    if (!stopped.signal.aborted) throw error;
    return follow ? 0 : 130;
  } finally {
    process.off('SIGINT', stop);
  }
}

type Kafka = ReturnType<typeof createKafkaClient>;

function connect(brokers: readonly string[]): Kafka {
  // What goes wrong reaches the caller as an error; kafkajs's own reports would stand between the lines.
  const log = createLogger({ name: 'millrace', level: 'fatal' });
  return createKafkaClient({ brokers, clientId: 'millrace', log, retries: 2 });
}

interface Places {
  readonly kafka: Kafka;
  readonly brokers: readonly string[];
  readonly from: LogPlace;
  readonly to: LogPlace | undefined;
  readonly follow: boolean;
}

async function rangesOf(choices: readonly TopicChoice[], { kafka, brokers, ...places }: Places) {
  const cluster = new KafkaCluster(kafka);
  const admin = kafka.admin();
  try {
    await cluster.id().catch((cause: unknown) => {
      throw new KafkaUnreachableError(brokers, cause);
    });
    await admin.connect();
    return await resolveRanges(choices, {
      ...places,
      cluster,
      offsetsAt: async (topic, timestampMs) => {
        const offsets = await admin.fetchTopicOffsetsByTimestamp(topic, timestampMs);
        return new Map(offsets.map(({ partition, offset }) => [partition, BigInt(offset)]));
      },
      note: (line) => process.stderr.write(`note: ${line}\n`),
    });
  } finally {
    await Promise.all([cluster.close(), admin.disconnect()]);
  }
}

function count(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number) || number < 1) {
    throw new InvalidArgumentError('Expected a whole number from 1.');
  }
  return number;
}
