import { catalogue } from '@millrace/contracts';
import { createKafkaClient, withCluster } from '@millrace/kafka';
import type { KafkaCluster, TopicChange } from '@millrace/kafka';
import { createLogger, defineConfiguration, kafkaVariables, parseConfiguration } from '@millrace/service';
import { Command } from 'commander';
import { KafkaUnreachableError } from './errors';
import { print } from './print';
import { withoutRisks } from './topics/records-at-risk';

interface Options {
  readonly fitReplication?: boolean;
  readonly allowDeletion?: boolean;
}

const help = `
A plan that has to be refused in part is made for the rest. Topics that nobody declares are left alone, partitions are
never added or removed, and what would make Kafka delete records (less retention, compaction) takes --allow-deletion.

Exit codes:
  0  the cluster is as declared
  1  Kafka did not answer, or refused; apply: something of the plan is refused
  2  plan: there is something to change

Examples:
  millrace topics plan
  millrace topics apply
  millrace topics apply --fit-replication     on a cluster of one broker`;

/** `millrace topics plan|apply`. */
export function topicsCommand(): Command {
  const topics = new Command('topics').description(
    'compare the declared topics with the cluster, or make them so',
  );
  const fit = [
    '--fit-replication',
    'lower the declared replication to the number of brokers there are',
  ] as const;
  const allow = ['--allow-deletion', 'make changes as well that let Kafka delete records'] as const;
  topics
    .command('plan')
    .description('show what apply would change; exits with 2 when there is anything')
    .option(...fit)
    .option(...allow)
    .addHelpText('after', help)
    .action(async (options: Options) => {
      const changes = await askCluster((cluster) => plan(cluster, options));
      if (changes.length > 0) process.exitCode = 2;
    });
  topics
    .command('apply')
    .description('create and configure topics; never shrinks, deletes or repartitions')
    .option(...fit)
    .option(...allow)
    .addHelpText('after', help)
    .action(async (options: Options) => {
      await askCluster(async (cluster) => {
        const changes = await plan(cluster, options);
        await cluster.applyTopics(changes);
        if (changes.some(({ kind }) => kind === 'refuse')) process.exitCode = 1;
      });
    });
  return topics;
}

async function plan(cluster: KafkaCluster, options: Options): Promise<TopicChange[]> {
  const wanted = await cluster.planTopics(catalogue.topics, {
    fitReplicationToBrokers: options.fitReplication === true,
  });
  const changes = options.allowDeletion === true ? wanted : withoutRisks(wanted);
  if (changes.length === 0) print(`as declared: ${catalogue.topics.map(({ name }) => name).join(', ')}`);
  for (const change of changes) print(describe(change));
  return changes;
}

function describe(change: TopicChange): string {
  switch (change.kind) {
    case 'create': {
      const { topic, replication } = change;
      const lowered =
        replication.factor < topic.replication.factor ? ` (declared ${topic.replication.factor})` : '';
      return `create ${topic.name}: ${topic.partitions} partitions, replication ${replication.factor}${lowered}, ${replication.minInSync} in sync`;
    }
    case 'configure':
      return `configure ${change.topic}: ${change.settings.map(({ name, from, to }) => `${name} ${from} -> ${to}`).join(', ')}`;
    case 'refuse':
      return `refuse ${change.topic}: ${change.reason}`;
  }
}

async function askCluster<Result>(work: (cluster: KafkaCluster) => Promise<Result>): Promise<Result> {
  const { KAFKA_BROKERS } = parseConfiguration(defineConfiguration(kafkaVariables), process.env);
  // What goes wrong reaches the caller as an error; kafkajs's own reports would stand between the lines.
  const log = createLogger({ name: 'millrace', level: 'fatal' });
  const kafka = createKafkaClient({ brokers: KAFKA_BROKERS, clientId: 'millrace', log, retries: 2 });
  return withCluster(kafka, async (cluster) => {
    await cluster.id().catch((cause: unknown) => {
      throw new KafkaUnreachableError(KAFKA_BROKERS, cause);
    });
    return work(cluster);
  });
}
