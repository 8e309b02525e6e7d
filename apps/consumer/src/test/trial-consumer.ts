import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { defineConsumerGroup } from '@millrace/delivery';
import type {
  ConsumerGroup,
  ConsumerGroupDefinition,
  ExternalDelivery,
  TransactionalDelivery,
} from '@millrace/delivery';
import { createKafkaClient, withCluster } from '@millrace/kafka';
import type { KafkaCluster } from '@millrace/kafka';
import { Servers } from '@millrace/reading';
import { createLogger, parseConfiguration, startService } from '@millrace/service';
import type { RunningService } from '@millrace/service';
import {
  createTestDatabase,
  serversUnderTest,
  silentLogger,
  TrialTopic,
  uniqueName,
  variablesUnderTest,
  waitFor,
} from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { configuration } from '../configuration';
import { consumerService } from '../consumer-service';
import { ConsumerModule } from '../consumer.module';
import { GroupServer } from '../group-server';
import type { GroupMeter } from '../metrics/group-meter';

interface Order {
  readonly id: string;
}

type Handler = (order: Order, delivery: TransactionalDelivery) => Promise<void>;

export interface PartitionShown {
  readonly partition: number;
  readonly state: string;
  readonly reason?: string;
  readonly nextOffset: string;
  readonly lag: string;
}

export interface ParkedShown {
  readonly position: string;
  readonly key: string | null;
  readonly state: string;
  readonly id?: string;
  readonly nextAttemptAt?: string;
  readonly failure?: {
    readonly reason: string;
    readonly attempts: number;
    readonly name: string;
    readonly message: string;
  };
}

/** A consumer service within the test, with a topic, a group and a database that belong to the test. */
export class TrialConsumer {
  /** Runs before an order takes its effect; what it throws is the handler's error. */
  before: Handler = () => Promise.resolve();
  /** Makes the group's Nest controller; a test may bring its own. */
  controllerFor: (trial: TrialConsumer) => new () => object = (trial) =>
    trial.group.kind === 'external' ? externalControllerOf(trial) : controllerOf(trial);
  /** What an external group's handler calls. */
  outside: (order: Order, delivery: ExternalDelivery) => Promise<void> = () => Promise.resolve();
  /** How often old dead letters are looked for; as in production by default. */
  retentionEveryMs = 60_000;
  private service: RunningService | undefined;

  private constructor(
    readonly topic: TrialTopic,
    readonly database: TestDatabase,
    readonly group: ConsumerGroup,
  ) {}

  static async create(
    declared: Partial<ConsumerGroupDefinition> = {},
    partitions?: number,
  ): Promise<TrialConsumer> {
    const fields = [{ name: 'id', type: 'string' }];
    const topic = await TrialTopic.create({ Ordered: fields, Noted: fields }, partitions);
    const database = await createTestDatabase();
    await database.query(
      'CREATE TABLE effect (id text, partition int, record_offset bigint, taken bigserial)',
    );
    const group = defineConsumerGroup({
      name: uniqueName('orders'),
      handles: [topic.event('Ordered')],
      ignores: [topic.event('Noted')],
      retry: { attempts: 3, initialMs: 20, maxMs: 100 },
      parking: { attempts: 1_000, initialMs: 20, maxMs: 200 },
      ...declared,
    });
    return new TrialConsumer(topic, database, group);
  }

  /** Another member of the group, of another release if that is given: its topic and database go with the first one. */
  beside({ topic, group }: { topic?: TrialTopic; group?: ConsumerGroup } = {}): TrialConsumer {
    return new TrialConsumer(topic ?? this.topic, this.database, group ?? this.group);
  }

  /** `environment`: of the process, beside where the servers are. */
  async start(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    const settings = parseConfiguration(configuration, {
      ...variablesUnderTest(this.database.url),
      CONSUMER_GROUPS: 'none',
      ...environment,
    });
    const { catalogue } = this.topic;
    const controller = this.controllerFor(this);
    const groups = [{ group: this.group, controllers: [controller] }];
    const log = silentLogger;
    const definition: typeof consumerService = {
      ...consumerService,
      module: () => {
        const servers = new Servers({ name: 'consumer', settings, catalogue, log });
        const { retentionEveryMs } = this;
        const server = new GroupServer({ servers, groups, catalogue, log, retentionEveryMs });
        return Promise.resolve(ConsumerModule.hosting(groups, server));
      },
    };
    this.service = await startService(
      definition,
      settings,
      createLogger({ name: 'consumer', level: 'fatal' }),
    );
  }

  async stop(): Promise<void> {
    await this.service?.close();
    this.service = undefined;
  }

  async remove(): Promise<void> {
    await this.stop();
    await this.topic.close();
    await this.database.drop();
  }

  /** Publishes an order whose id is also the event's, so that the same id again is a repeat; of the nth key there. */
  order(partition: number, id: string, nth = 0): Promise<string> {
    return this.topic.publish('Ordered', this.topic.keyIn(partition, nth), { id }, id);
  }

  /** All orders that took effect, in the order in which they did. */
  async taken(): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>('SELECT id FROM effect ORDER BY taken');
    return rows.map(({ id }) => id);
  }

  /** The orders that took effect in a partition, in the order of their offsets; each as often as it did. */
  async effects(partition: number): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      'SELECT id FROM effect WHERE partition = $1 ORDER BY record_offset',
      [partition],
    );
    return rows.map(({ id }) => id);
  }

  /** A partition as /v1/groups shows it. */
  async shown(partition: number): Promise<PartitionShown | undefined> {
    const { groups } = (await this.get('/v1/groups')).body as {
      groups: { name: string; partitions: PartitionShown[] }[];
    };
    return groups
      .find(({ name }) => name === this.group.name)
      ?.partitions.find((each) => each.partition === partition);
  }

  /** The parked records and dead letters of the group, as its service lists them. */
  async parked(): Promise<ParkedShown[]> {
    const { body } = await this.get(`/v1/groups/${this.group.name}/parked`);
    return (body as { records: ParkedShown[] }).records;
  }

  async post(path: string, body: unknown): Promise<{ readonly status: number; readonly body: unknown }> {
    const response = await fetch(`${this.service?.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  }

  async get(path: string): Promise<{ readonly status: number; readonly body: unknown }> {
    const response = await fetch(`${this.service?.url}${path}`);
    return { status: response.status, body: await response.json() };
  }

  /** An answer as it is. */
  async read(
    path: string,
    request: RequestInit = {},
  ): Promise<{ readonly status: number; readonly type: string | null; readonly text: string }> {
    const response = await fetch(`${this.service?.url}${path}`, request);
    const type = response.headers.get('content-type');
    return { status: response.status, type, text: await response.text() };
  }

  /** What the service counts of the group. */
  get meter(): GroupMeter {
    const meter = this.service?.app.get(GroupServer).meters.get(this.group.name);
    if (meter === undefined) throw new Error('the consumer does not run');
    return meter;
  }

  /** What Kafka remembers of the group, by partition: a copy for tools; -1 where there is none. */
  copiedOffsets(): Promise<bigint[]> {
    return this.askCluster((cluster) => cluster.copiedOffsets(this.group.name, this.topic.name));
  }

  /** Lets Kafka forget the group's offsets, as it does when they expire. The group must have no member then. */
  async forgetCopies(): Promise<void> {
    await waitFor('the group to be gone', () =>
      this.askCluster((cluster) => cluster.deleteGroup(this.group.name)),
    );
  }

  private askCluster<Answer>(question: (cluster: KafkaCluster) => Promise<Answer>): Promise<Answer> {
    const { brokers } = serversUnderTest();
    return withCluster(createKafkaClient({ brokers, clientId: 'specs', log: silentLogger }), question);
  }
}

function controllerOf(trial: TrialConsumer) {
  @Controller()
  class OrdersController {
    @EventPattern(trial.group.on(trial.topic.event('Ordered')))
    async onOrdered(@Payload() order: Order, @Ctx() delivery: TransactionalDelivery): Promise<void> {
      await trial.before(order, delivery);
      const { partition, offset } = delivery.metadata;
      await delivery.transaction.query('INSERT INTO effect VALUES ($1, $2, $3)', [
        order.id,
        partition,
        offset,
      ]);
    }
  }
  return OrdersController;
}

function externalControllerOf(trial: TrialConsumer) {
  @Controller()
  class OrdersController {
    @EventPattern(trial.group.on(trial.topic.event('Ordered')))
    async onOrdered(@Payload() order: Order, @Ctx() delivery: ExternalDelivery): Promise<void> {
      await trial.outside(order, delivery);
    }
  }
  return OrdersController;
}
