import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { catalogue, FlightLanded } from '@millrace/contracts';
import { applyCatalogue, createTestDatabase, startTestStack, waitFor } from '@millrace/testing';
import type { TestDatabase, TestService, TestStack } from '@millrace/testing';

const GROUPS = 'apps/consumer/src/test/asking-groups';
const SESSION_MS = 6_000;
/** A session that has to end, a process that starts, and what is left to do. */
const WITHIN_MS = 60_000;
/** More than a drain of a transactional group takes at first, which are 32. */
const QUEUED = 40;

/** A queue is drained while its owner dies, and while more records of its key come. */
describe('the records of a fenced key', () => {
  let stack: TestStack;
  let database: TestDatabase;
  let producer: TestService;
  let outside: Server;
  /** The calls that were answered with yes, in order, as group/id. */
  const allowed: string[] = [];
  /** The last fencing token for each group and key. */
  const tokens = new Map<string, string>();
  /** Events that may not take effect. */
  const refused = new Set<string>();
  let keys = 0;

  beforeAll(async () => {
    stack = await startTestStack({ durable: true });
    const { kafkaBrokers: brokers, schemaRegistryUrl: registryUrl, databaseUrl } = stack.addresses;
    await applyCatalogue(catalogue, { brokers, registryUrl });
    database = await createTestDatabase(databaseUrl);
    await database.query('CREATE TABLE effect (id text, taken bigserial)');
    producer = await stack.startService('producer', {});
    outside = createServer(({ url = '', headers }, response) => {
      const key = url.slice(0, url.lastIndexOf('-'));
      const token = String(headers['fencing-token']);
      // Whoever was replaced may call once more before it knows.
      const isReplaced = token < (tokens.get(key) ?? '');
      const isAllowed = !refused.has(url.split('/').at(-1) ?? '') && !isReplaced;
      if (!isReplaced) tokens.set(key, token);
      if (isAllowed) allowed.push(url.slice(1));
      response.writeHead(isAllowed ? 204 : 503).end();
    });
    await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    outside.close();
    await database.drop();
    await stack.stop();
  });

  function startConsumer(kind: string, name: string, crashPoint = ''): Promise<TestService> {
    const env = {
      ...{ CONSUMER_GROUPS: `${GROUPS}/${kind}`, KAFKA_SESSION_TIMEOUT_MS: String(SESSION_MS) },
      ...{ DATABASE_URL: database.url, MILLRACE_CRASH_POINT: crashPoint },
      ASKED_URL: `http://127.0.0.1:${(outside.address() as AddressInfo).port}`,
    };
    return stack.startService('consumer', env, `${name}-${keys}`);
  }

  /** Events of one key, in order; their ids are `<key>-<number>`. */
  async function publish(key: string, from: number, count = 1): Promise<void> {
    const events = Array.from({ length: count }, (_, index) => ({
      ...{ specversion: '1.0', id: `${key}-${from + index}`, source: '/specs', type: FlightLanded.type },
      data: { flightId: key, origin: 'ATL', destination: 'BOS', delayMinutes: 90 },
    }));
    const answer = await fetch(`${producer.url}/v1/events`, {
      ...{ method: 'POST', body: JSON.stringify(events) },
      headers: { 'content-type': 'application/cloudevents-batch+json' },
    });
    expect(await answer.text()).not.toContain('error');
    expect(answer.status).toBe(201);
  }

  /** What a group has done for a key, by the numbers of its events: in order, each as often as it took effect. */
  async function effectsOf(kind: string, key: string): Promise<number[]> {
    const prefix = `${key}-`;
    const ids =
      kind === 'external'
        ? allowed.map((call) => call.slice(kind.length + 1))
        : (await database.query<{ id: string }>('SELECT id FROM effect ORDER BY taken')).map(({ id }) => id);
    return ids.filter((id) => id.startsWith(prefix)).map((id) => Number(id.slice(prefix.length)));
  }

  const doneUpTo = (kind: string, key: string, last: number) =>
    waitFor(
      `${key}-${last}`,
      async () => {
        const found = await effectsOf(kind, key);
        return found.includes(last) && found;
      },
      WITHIN_MS,
    );

  /** A consumer with 40 records in the queue of a new key, which come to the crash point once they may take effect. */
  async function begin(kind: string, crashPoint: string): Promise<{ key: string; member: TestService }> {
    const key = `queue-${(keys += 1)}`;
    const member = await startConsumer(kind, 'dying', crashPoint);
    refused.add(`${key}-0`);
    await publish(key, 0, QUEUED);
    const parked = `${member.url}/v1/groups/${kind}/parked?limit=1000`;
    await waitFor(
      'the queue',
      async () => {
        const { records } = (await (await fetch(parked)).json()) as { records: unknown[] };
        return records.length === QUEUED;
      },
      WITHIN_MS,
    );
    expect(await effectsOf(kind, key)).toEqual([]);
    refused.clear();
    return { key, member };
  }

  async function expectNothingWaits(): Promise<void> {
    await waitFor('all queues to be empty, and their fences gone', async () => {
      const [left] = await database.query<{ count: number }>(
        'SELECT (SELECT count(*) FROM millrace.parked_record)::int + (SELECT count(*) FROM millrace.key_fence)::int AS count',
      );
      return left?.count === 0;
    });
  }

  const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);

  it.each([
    ['transactional', 'in the middle of a drain', 'queue-effects-written:1', [0, 0]],
    ['transactional', 'between two drains of the queue', 'queue-drained:1', [32, 32]],
    ['transactional', 'where the queue is empty and its fence stands', 'queue-drained:2', [QUEUED, QUEUED]],
    ['external', 'between two calls for the queue', 'queued-call-made:7', [7, 7]],
    ['external', 'where the queue is empty and its fence stands', 'queue-drained:1', [QUEUED, QUEUED]],
  ])(
    'take effect in order, later ones behind them, when their %s owner dies %s',
    async (kind, _where, crashPoint, [taken]) => {
      const { key, member } = await begin(kind, crashPoint);
      await waitFor('its death', () => member.process.pid === undefined);
      expect(await effectsOf(kind, key)).toEqual(numbers(taken!));
      await publish(key, QUEUED, 2);
      const next = await startConsumer(kind, 'next');
      await publish(key, QUEUED + 2);
      const done = await doneUpTo(kind, key, QUEUED + 2);
      // A call whose record was still in the queue is made again; an effect in the database happens once.
      const isRepeated = kind === 'external' && taken! < QUEUED;
      expect(done).toEqual([...(isRepeated ? numbers(taken!) : []), ...numbers(QUEUED + 3)]);
      await expectNothingWaits();
      await next.process.stop();
    },
  );

  it.each([
    ['transactional', 'queue-drained:2:SIGSTOP'],
    ['external', 'queue-drained:1:SIGSTOP'],
  ])(
    'take effect in order when their %s owner is suspended where the queue is empty, replaced, and wakes up',
    async (kind, crashPoint) => {
      const { key, member } = await begin(kind, crashPoint);
      await doneUpTo(kind, key, QUEUED - 1);
      await publish(key, QUEUED);
      const next = await startConsumer(kind, 'next');
      await doneUpTo(kind, key, QUEUED);
      refused.add(`${key}-${QUEUED + 1}`);
      await publish(key, QUEUED + 1, 2);
      await waitFor('the key to be fenced again', async () => {
        const [row] = await database.query<{ count: number }>(
          'SELECT count(*)::int AS count FROM millrace.parked_record',
        );
        return row?.count === 2;
      });
      await member.process.kill('SIGCONT');
      await waitFor(
        'it to join again',
        async () => {
          const { ok } = await fetch(`${member.url}/health/ready`);
          return ok;
        },
        WITHIN_MS,
      );
      refused.clear();
      expect(await doneUpTo(kind, key, QUEUED + 2)).toEqual(numbers(QUEUED + 3));
      await expectNothingWaits();
      await next.process.stop();
      await member.process.stop();
    },
  );
});
