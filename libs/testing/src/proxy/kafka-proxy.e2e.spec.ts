import type { HandleOutcome } from '@millrace/delivery';
import type { LogRecord } from '@millrace/event';
import { createKafkaClient, GroupReader, KafkaCluster, LogWriter } from '@millrace/kafka';
import { openDatabase } from '@millrace/postgres';
import { declaredTopic } from '../declared-topic';
import { diffIds } from '../diff-ids';
import { readLog } from '../read-log';
import { silentLogger } from '../silent-logger';
import { startTestStack } from '../test-stack';
import type { ProxiedTestStack } from '../test-stack';
import { uniqueName } from '../unique-name';
import { waitFor } from '../wait-for';
import type { KafkaProxy } from './kafka-proxy';

describe('a stack behind proxies', () => {
  let stack: ProxiedTestStack;
  let proxy: KafkaProxy;
  let writer: LogWriter;
  let cluster: KafkaCluster;

  beforeAll(async () => {
    stack = await startTestStack({ proxies: true });
    proxy = stack.proxies.kafka;
    cluster = new KafkaCluster(kafkaAt(stack.directAddresses.kafkaBrokers, 'truth'));
  });
  beforeEach(() => {
    writer = new LogWriter(kafkaAt(stack.addresses.kafkaBrokers, 'writer'), { log: silentLogger });
  });
  afterEach(async () => {
    proxy.heal();
    await writer.close();
  });
  afterAll(async () => {
    await cluster.close();
    await stack.stop();
  });

  function kafkaAt(brokers: readonly string[], clientId: string, requestTimeoutMs = 10_000) {
    return createKafkaClient({ brokers, clientId, requestTimeoutMs, log: silentLogger });
  }

  async function makeTopic(): Promise<string> {
    const name = uniqueName('orders');
    await cluster.applyTopics(await cluster.planTopics([declaredTopic(name, { partitions: 1 })]));
    return name;
  }

  async function write(topic: string, id: string, value = Buffer.from(id)): Promise<bigint> {
    const { offset } = await writer.append({ topic, key: 'k', value, headers: { id } });
    return offset;
  }

  const idsInLog = async (topic: string): Promise<(string | undefined)[]> =>
    (await readLog(topic, stack.directAddresses.kafkaBrokers)).map(({ headers }) => headers['id']);

  it('has every connection of a client go through the proxy, after metadata too', async () => {
    const topic = await makeTopic();
    const before = proxy.counts;
    await write(topic, 'first');
    const { requests, unmatchedResponses, unreadableConnections } = proxy.counts;
    for (const api of ['ApiVersions', 'Metadata', 'Produce']) {
      expect([api, (requests[api] ?? 0) - (before.requests[api] ?? 0) > 0]).toEqual([api, true]);
    }
    expect([unmatchedResponses, unreadableConnections]).toEqual([0, 0]);
  });

  it('drops a response after the broker has written: in the log twice, acknowledged once', async () => {
    const topic = await makeTopic();
    await write(topic, 'before');
    const drop = proxy.dropResponse({ api: 'Produce', clientId: 'writer', nth: 1 });
    expect(await write(topic, 'twice')).toBe(2n);
    expect(await write(topic, 'after')).toBe(3n);
    expect(drop.happened).toBe(1);
    expect(await idsInLog(topic)).toEqual(['before', 'twice', 'twice', 'after']);
  });

  it('lets a connection hang: the writer comes back over another one, and the record is acknowledged', async () => {
    const kafka = kafkaAt(stack.addresses.kafkaBrokers, 'writer', 500);
    const hasty = new LogWriter(kafka, { log: silentLogger });
    const topic = await makeTopic();
    const append = (id: string) => hasty.append({ topic, key: 'k', value: Buffer.from(id), headers: { id } });
    await append('before');
    const drop = proxy.dropResponse({ api: 'Produce', nth: 1 }, 'hang');
    // Nobody heals the connection: whoever went on using it would never have an answer.
    await append('hanging');
    await append('after');
    await hasty.close();
    expect(drop.happened).toBe(1);
    expect(await idsInLog(topic)).toEqual(['before', 'hanging', 'hanging', 'after']);
  });

  it.each(['before-forward', 'after-forward'] as const)(
    'resets a connection on a produce request (%s), and nothing is lost or out of order',
    async (when) => {
      const topic = await makeTopic();
      await write(topic, 'before');
      const reset = proxy.resetOn({ api: 'Produce', nth: 1 }, when);
      await write(topic, 'at the reset');
      await write(topic, 'after');
      expect(reset.happened).toBe(1);
      const ids = await idsInLog(topic);
      expect(ids.filter((id, index) => ids.indexOf(id) === index)).toEqual([
        'before',
        'at the reset',
        'after',
      ]);
      // What never reached the broker was written by the second try alone.
      expect(ids.length).toBe(when === 'before-forward' ? 3 : 4);
    },
  );

  it('resets all connections at once, and the writer comes back', async () => {
    const topic = await makeTopic();
    await write(topic, '0');
    expect(proxy.tcp.reset()).toBeGreaterThan(0);
    for (const id of ['1', '2', '3']) await write(topic, id);
    const ids = await idsInLog(topic);
    expect(diffIds([...new Set(ids)].map(String), ['0', '1', '2', '3'])).toEqual({ missing: [], extra: [] });
  });

  it('is silent for less than the request timeout: no error, nothing twice', async () => {
    const topic = await makeTopic();
    await write(topic, 'before');
    const heldBefore = proxy.tcp.counts.bytesHeld;
    proxy.tcp.silence('toClient');
    const during = write(topic, 'during');
    await waitFor('the answer to be held', () => proxy.tcp.counts.bytesHeld > heldBefore);
    expect(await idsInLog(topic)).toEqual(['before', 'during']);
    proxy.tcp.heal();
    expect(await during).toBe(1n);
    expect(await idsInLog(topic)).toEqual(['before', 'during']);
  });

  it('gives a group’s member its records through responses in tiny pieces', async () => {
    const topic = await makeTopic();
    const ids = Array.from({ length: 50 }, (_, n) => `${n}`);
    await Promise.all(ids.map((id) => write(topic, id, Buffer.alloc(200, id))));
    proxy.tcp.split({ toClient: 7 });
    const read: string[] = [];
    const reader = new GroupReader(kafkaAt(stack.addresses.kafkaBrokers, 'reader'), {
      groupId: uniqueName('readers'),
      topics: [topic],
      log: silentLogger,
      handlerFor: () => ({
        open: async () => ({ kind: 'open', fetchFrom: 0n }),
        handle: async (records: readonly LogRecord[]): Promise<HandleOutcome> => {
          for (const { value } of records) read.push(String(value).slice(0, -150));
          return { kind: 'done' };
        },
      }),
    });
    reader.start();
    try {
      await waitFor('all records', () => read.length >= ids.length);
    } finally {
      await reader.stop();
    }
    expect(read).toEqual(ids.map((id) => Buffer.alloc(50, id).toString()));
    expect(proxy.tcp.counts.piecesSplit).toBeGreaterThan((50 * 200) / 7);
  });

  it('has the registry and the database go through proxies of their own', async () => {
    const { registry, postgres } = stack.proxies;
    const answer = await fetch(`${stack.addresses.schemaRegistryUrl}/subjects`);
    expect([answer.status, await answer.json()]).toEqual([200, []]);
    const database = openDatabase({
      url: stack.addresses.databaseUrl,
      applicationName: 'specs',
      log: silentLogger,
    });
    try {
      expect((await database.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
      expect(postgres.reset()).toBeGreaterThan(0);
      await waitFor('a new connection', async () => (await database.query('SELECT 1')).rowCount === 1);
    } finally {
      await database.end();
    }
    expect([registry.counts.connectionsAccepted > 0, postgres.counts.connectionsReset > 0]).toEqual([
      true,
      true,
    ]);
  });

  it('finds a broker again that was killed and came back on its ports', async () => {
    const topic = await makeTopic();
    await write(topic, 'before');
    await stack.servers.kafka?.kill('SIGKILL');
    await stack.servers.kafka?.start();
    await waitFor('the writer to be back', async () => (await write(topic, 'after')) > 0n);
    expect(new Set(await idsInLog(topic))).toEqual(new Set(['before', 'after']));
  });
});
