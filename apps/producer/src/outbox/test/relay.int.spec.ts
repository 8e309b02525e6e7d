import { applyCatalogue, readLog, uniqueName, waitFor } from '@millrace/testing';
import { parcels } from '../../test/parcels';
import { ProducerUnderTest } from '../../test/producer-under-test';
import { idsByKey, OutboxUnderTest, SOURCE } from './outbox-under-test';

const { topic, weighed, catalogue } = parcels(uniqueName('outbox'));
const event = { type: weighed as never, value: (parcelId: string) => ({ parcelId, grams: 250, note: '' }) };

describe('the relay of an outbox', () => {
  let outbox: OutboxUnderTest;
  const producers: ProducerUnderTest[] = [];

  const start = async (settings: Record<string, string> = {}): Promise<ProducerUnderTest> => {
    const outboxUrl = { OUTBOX_DATABASE_URL: outbox.database.url };
    const producer = await ProducerUnderTest.startReady(catalogue, { ...outboxUrl, ...settings });
    producers.push(producer);
    return producer;
  };
  const report = async ({ url }: ProducerUnderTest) =>
    (await (await fetch(`${url}/v1/outbox`)).json()) as {
      state: string;
      records: number;
      setAside: object;
      heldBackBy?: string[];
      refused: { number: string; code: string }[];
    };
  const post = (producer: ProducerUnderTest, path: string) =>
    producer.post(`/v1/outbox/set-aside/${path}`, '', {});
  const relaying = (producer: ProducerUnderTest) =>
    waitFor('the relay to have its turn', async () => (await report(producer)).state === 'relaying');
  const inLog = async (key: string): Promise<string[]> => (await idsByKey(topic)).get(key) ?? [];
  const published = (key: string, ids: readonly string[]) =>
    waitFor(
      `${ids.length} events of ${key} to be in the log`,
      async () => (await inLog(key)).length >= ids.length,
    );

  beforeAll(() => applyCatalogue(catalogue));
  beforeEach(async () => {
    outbox = await OutboxUnderTest.create(event);
  });
  afterEach(async () => {
    await Promise.all(producers.splice(0).map((producer) => producer.close()));
    await outbox.database.drop();
  });

  it('publishes what is committed, per key in the order of the commits, and nothing that was rolled back', async () => {
    await start();
    const expected = new Map<string, string[]>();
    const service = async (name: string): Promise<void> => {
      for (let turn = 0; turn < 25; turn++) {
        const key = `order-${turn % 3}`;
        const id = `${name}-${turn}`;
        const tx = await outbox.begin();
        await outbox.append(tx, key, id);
        // From here to its end no other transaction can append to the key.
        const isKept = turn % 5 !== 4;
        if (isKept) expected.set(key, [...(expected.get(key) ?? []), id]);
        await outbox.end(tx, isKept ? 'COMMIT' : 'ROLLBACK');
      }
    };
    await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map(service));
    for (const [key, ids] of expected) {
      await published(key, ids);
      expect(await inLog(key)).toEqual(ids);
    }
  });

  it('carries what the service says of an event beside its data', async () => {
    await start();
    const tx = await outbox.begin();
    await outbox.append(tx, 'told', 'told-1', { tenant: 'Zürich', partitionkey: 'told' });
    await outbox.end(tx);
    await published('told', ['told-1']);
    const [record] = (await readLog(topic)).filter(({ key }) => key === 'told');
    expect(record?.headers).toMatchObject({
      ce_id: 'told-1',
      ce_source: SOURCE,
      ce_tenant: 'Zürich',
      ce_partitionkey: 'told',
    });
  });

  it('passes over no transaction that has an earlier number and commits later, and says what holds it back', async () => {
    const producer = await start();
    await relaying(producer);
    const late = await outbox.begin();
    await outbox.append(late, 'late', 'late-1');
    const { pid } = (await late.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]!;
    await outbox.commit('swift', ['swift-1', 'swift-2']);
    const { heldBackBy, records } = await waitFor('the relay to say why it stands', async () => {
      const now = await report(producer);
      return now.heldBackBy !== undefined && now;
    });
    expect({ heldBackBy, records }).toEqual({
      heldBackBy: [
        expect.stringMatching(new RegExp(`^a transaction of \\d+ s, pid ${pid}, idle in transaction$`)),
      ],
      records: 2,
    });
    expect(await inLog('swift')).toEqual([]);
    await outbox.end(late);
    await published('swift', ['swift-1', 'swift-2']);
    expect(await inLog('late')).toEqual(['late-1']);
    expect(await report(producer)).toMatchObject({ state: 'relaying', records: 0 });
  });

  it('is not held back by a transaction that has not appended, nor by one that was rolled back', async () => {
    await start();
    const long = await outbox.begin();
    await long.query('SELECT pg_current_xact_id()');
    await outbox.commit('free', ['free-1']);
    await published('free', ['free-1']);
    await outbox.end(long);
    const given = await outbox.begin();
    await outbox.append(given, 'free', 'free-never');
    await outbox.end(given, 'ROLLBACK');
    await outbox.commit('free', ['free-2']);
    await published('free', ['free-1', 'free-2']);
    expect(await inLog('free')).toEqual(['free-1', 'free-2']);
  });

  it('is woken, however long it would sleep', async () => {
    const producer = await start({ OUTBOX_POLL_INTERVAL_MS: '600000' });
    await relaying(producer);
    for (let turn = 0; turn < 5; turn++) {
      await outbox.commit('woken', [`woken-${turn}`]);
      await published('woken', Array(turn + 1));
    }
    expect(await inLog('woken')).toEqual(['woken-0', 'woken-1', 'woken-2', 'woken-3', 'woken-4']);
  });

  it('looks by itself when nobody wakes it', async () => {
    const producer = await start({ OUTBOX_POLL_INTERVAL_MS: '100' });
    await relaying(producer);
    await waitFor('it to sleep', async () => {
      const [row] = await outbox.database.query<{ n: bigint }>(
        'SELECT last_value AS n FROM millrace_outbox.relay_sleeps',
      );
      return row?.n === 2n;
    });
    await outbox.database.query(`SELECT setval('millrace_outbox.relay_sleeps', 1)`);
    await outbox.commit('polled', ['polled-1']);
    await published('polled', ['polled-1']);
    expect(await inLog('polled')).toEqual(['polled-1']);
  });

  it('works in one of several instances, and another one goes on when that one stops', async () => {
    const [first, second] = [await start(), await start()];
    const states = async () => [(await report(first)).state, (await report(second)).state];
    const before = await waitFor('one of them to have its turn', async () => {
      const now = await states();
      return now.includes('relaying') && now;
    });
    expect(before.toSorted()).toEqual(['relaying', 'standby']);
    const ids = Array.from({ length: 300 }, (_, number) => `shared-${number}`);
    await outbox.commit('shared', ids);
    await published('shared', ids);
    expect(await inLog('shared')).toEqual(ids);
    const [leader, other] = before[0] === 'relaying' ? [first, second] : [second, first];
    producers.splice(producers.indexOf(leader), 1);
    await leader.close();
    await relaying(other);
    await outbox.commit('shared', ['shared-last']);
    await published('shared', [...ids, 'shared-last']);
    expect(await inLog('shared')).toEqual([...ids, 'shared-last']);
  });

  it('begins another turn when its session was ended, and health says that it works again', async () => {
    const producer = await start();
    await relaying(producer);
    for (let turn = 0; turn < 2; turn++) {
      await outbox.database.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE application_name = 'millrace-outbox-relay' AND datname = current_database()`,
      );
      await outbox.commit('again', [`again-${turn}`]);
      await waitFor('the event', async () => (await inLog('again')).includes(`again-${turn}`));
    }
    await waitFor('it to be ready', () => producer.isReady());
    expect(new Set(await inLog('again'))).toEqual(new Set(['again-0', 'again-1']));
    expect(await report(producer)).toMatchObject({ state: 'relaying', records: 0 });
  });

  it('drops partitions that are published, and none that is not', async () => {
    await outbox.database.query('DROP TABLE millrace_outbox.event_1, millrace_outbox.event_100001');
    await outbox.database.query('DELETE FROM millrace_outbox.event_partition');
    await outbox.database.query('SELECT millrace_outbox.keep_partitions(10, 8)');
    const late = await outbox.begin();
    await outbox.append(late, 'dropped', 'dropped-late');
    const ids = Array.from({ length: 60 }, (_, number) => `other-${number}`);
    await outbox.commit('other', ids);
    await start({ OUTBOX_PARTITION_ROWS: '10' });
    const rows = async () => (await outbox.database.query('SELECT FROM millrace_outbox.event')).length;
    expect(await rows()).toBe(60);
    await outbox.end(late);
    await published('other', ids);
    expect(await inLog('other')).toEqual(ids);
    expect(await inLog('dropped')).toEqual(['dropped-late']);
    await waitFor('what is published to be dropped', async () => (await rows()) <= 10);
    const { length } = await outbox.database.query('SELECT FROM millrace_outbox.event_partition');
    expect(length).toBeLessThan(6);
  });

  it('sets aside what can never be published, holds its key, and lets the others flow', async () => {
    const producer = await start();
    const number = await outbox.appendRaw({ key: 'poor', id: 'poor-1', type: 'parcels.Unheard' });
    await outbox.commit('poor', ['poor-2', 'poor-3']);
    await outbox.commit('rich', ['rich-1']);
    await published('rich', ['rich-1']);
    const { refused, setAside } = await waitFor('it to be set aside', async () => {
      const now = await report(producer);
      return now.refused.length > 0 && now.records === 0 && now;
    });
    expect(refused).toEqual([
      expect.objectContaining({
        number: String(number),
        topic,
        type: 'parcels.Unheard',
        id: 'poor-1',
        code: 'EVENT_TYPE_NOT_FOUND',
        retry: false,
        waiting: 2,
      }),
    ]);
    expect(setAside).toEqual({ refused: 1, waiting: 2 });
    expect(await inLog('poor')).toEqual([]);
    expect(producer.logged()).toContainEqual(expect.objectContaining({ code: 'EVENT_TYPE_NOT_FOUND' }));

    // Tried again without anything mended, it stays, and those behind it stay behind it.
    expect((await post(producer, `${number}/retry`)).status).toBe(202);
    await waitFor('it to be tried', async () => {
      const [again] = await outbox.database.query<{ retry: boolean }>(
        'SELECT retry FROM millrace_outbox.set_aside WHERE code IS NOT NULL',
      );
      return again?.retry === false;
    });
    expect(await inLog('poor')).toEqual([]);

    await outbox.database.query(
      `UPDATE millrace_outbox.set_aside SET type = $1, data = '{"parcelId": "poor", "grams": 1}' WHERE number = $2`,
      [weighed.type, number],
    );
    expect((await post(producer, `${number}/retry`)).status).toBe(202);
    await outbox.commit('poor', ['poor-4']);
    const all = ['poor-1', 'poor-2', 'poor-3', 'poor-4'];
    await published('poor', all);
    expect(await inLog('poor')).toEqual(all);
    expect(await report(producer)).toMatchObject({ setAside: { refused: 0, waiting: 0 }, refused: [] });
  });

  it('gives up what an operator discards, and goes on with what waited behind it', async () => {
    const producer = await start();
    const number = await outbox.appendRaw({ key: 'spoilt', id: 'spoilt-1', data: '{"grams": "many"}' });
    await outbox.commit('spoilt', ['spoilt-2']);
    await waitFor('both to be set aside', async () => (await report(producer)).refused.length === 1);
    expect(await post(producer, '777/discard')).toMatchObject({ status: 404 });
    expect(await post(producer, 'x/retry')).toMatchObject({ status: 404 });
    expect(await post(producer, `${number}/discard`)).toMatchObject({
      status: 200,
      body: { number: String(number), type: weighed.type, id: 'spoilt-1' },
    });
    await published('spoilt', ['spoilt-2']);
    expect(await inLog('spoilt')).toEqual(['spoilt-2']);
  });

  it('tells in health how far it is', async () => {
    const producer = await start();
    const response = await fetch(`${producer.url}/health/ready`);
    const { details } = (await response.json()) as { details: Record<string, unknown> };
    expect(details['outbox']).toMatchObject({
      status: 'up',
      records: 0,
      seconds: 0,
      setAside: { refused: 0, waiting: 0 },
    });
  });
});
