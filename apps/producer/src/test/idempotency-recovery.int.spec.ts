import { randomUUID } from 'node:crypto';
import { encodeEventHeaders } from '@millrace/event';
import type { EventAttributes } from '@millrace/event';
import { createKafkaClient, LogWriter } from '@millrace/kafka';
import type { RecordToWrite } from '@millrace/kafka';
import { ReservationStore, RetentionJob } from '@millrace/postgres';
import { EventCodec, RegistryClient } from '@millrace/schema-registry';
import { parseConfiguration } from '@millrace/service';
import {
  applyCatalogue,
  createTestDatabase,
  readLog,
  serversUnderTest,
  silentLogger,
  uniqueName,
  variablesUnderTest,
  waitFor,
} from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { configuration } from '../configuration';
import { createIdempotentWriter } from '../idempotency/create-idempotent-writer';
import { reservationOf } from '../idempotency/digests';
import { parcels } from './parcels';
import { ProducerUnderTest } from './producer-under-test';
import type { Answer } from './producer-under-test';

const WINDOW_MS = 3_600_000;
const { topic, weighed, catalogue } = parcels(uniqueName('open'), { idempotency: { windowMs: WINDOW_MS } });
const SOURCE = '/specs';

/** An instance that reserved an event; whether it sends it, dies or is suspended is up to the test. */
interface Owner {
  readonly record: RecordToWrite;
  readonly identity: string;
  readonly reservedAtMs: number;
}

describe('a reservation that another instance left open', () => {
  const { brokers, registryUrl } = serversUnderTest();
  const kafka = createKafkaClient({ brokers, clientId: 'specs', log: silentLogger });
  const codec = new EventCodec(catalogue, new RegistryClient({ url: registryUrl }));
  const ownWriter = new LogWriter(kafka, { sequenced: true, log: silentLogger });
  let database: TestDatabase;
  let store: ReservationStore;
  let first: ProducerUnderTest;
  let second: ProducerUnderTest;

  beforeAll(async () => {
    await applyCatalogue(catalogue);
    database = await createTestDatabase();
    store = new ReservationStore(database.pool, topic, WINDOW_MS);
    const settings = { DATABASE_URL: database.url, PUBLISH_TIMEOUT_MS: '4000' };
    const start = () => ProducerUnderTest.startReady(catalogue, settings);
    [first, second] = [await start(), await start()];
    await codec.prepare();
  });
  afterAll(async () => {
    await Promise.all([first.close(), second.close(), ownWriter.close()]);
    await database.drop();
  });

  const publish = (id: string, key = `key of ${id}`, producer = first): Promise<Answer> =>
    producer.publish(weighed.type, { parcelId: key, grams: 250 }, { 'ce-id': id, 'ce-source': SOURCE });
  const idsInLog = async (...ids: string[]): Promise<string[]> =>
    (await readLog(topic)).map(({ headers }) => headers['ce_id'] ?? '').filter((id) => ids.includes(id));

  function eventOf(id: string, key: string): { record: RecordToWrite; attributes: EventAttributes } {
    const attributes = { id, source: SOURCE, type: weighed.type, time: new Date() };
    const value = codec.encode(weighed, { parcelId: key, grams: 250, note: '' });
    return { attributes, record: { topic, key, value, ...encodeEventHeaders(attributes) } };
  }

  /** Reserves as an instance does, so many seconds ago. */
  async function reserve(id: string, { secondsAgo = 0, key = `key of ${id}` } = {}): Promise<Owner> {
    const { record, attributes } = eventOf(id, key);
    const request = reservationOf(record, attributes);
    const reserved = await store.reserve([request], randomUUID());
    const reservedAtMs = (reserved.get(request.identity) ?? 0) - secondsAgo * 1_000;
    await database.query(
      `UPDATE millrace.reservation SET reserved_at = reserved_at - $1 * interval '1 second' WHERE identity = $2`,
      [secondsAgo, request.identity],
    );
    return { record, identity: request.identity, reservedAtMs };
  }
  /** Sends as an instance does: with the time of its reservation. */
  const send = ({ record, reservedAtMs }: Owner) =>
    ownWriter.append({ ...record, timestampMs: reservedAtMs, deadlineAt: performance.now() + 3_000 });

  it('and whose record is in the log is settled by reading the log, and gives its place', async () => {
    const owner = await reserve('a-1');
    const { partition, offset } = await send(owner);
    const { status, body } = await publish('a-1');
    expect({ status, position: body['position'] }).toEqual({
      status: 201,
      position: `${topic}/${partition}/${offset}`,
    });
    expect((await store.read([owner.identity])).get(owner.identity)?.place).toEqual({ partition, offset });
    expect(await idsInLog('a-1')).toEqual(['a-1']);
  });

  it('and which it still works on is waited for', async () => {
    const owner = await reserve('b-1');
    const answer = publish('b-1');
    const { partition, offset } = await send(owner);
    await store.settle([{ ...owner, partition, offset }]);
    expect((await answer).body['position']).toBe(`${topic}/${partition}/${offset}`);
    expect(await idsInLog('b-1')).toEqual(['b-1']);
  });

  it('and never sent holds up later events of its key until it is certain, and no others', async () => {
    await reserve('c-1', { key: 'c' });
    const [open, behind, other] = await Promise.all([
      publish('c-1', 'c'),
      publish('c-2', 'c'),
      publish('c-3', 'another key'),
    ]);
    expect(open).toMatchObject({
      status: 503,
      body: { type: 'urn:millrace:problem:event-unsettled', outcome: 'unknown', retriable: true },
    });
    expect(behind).toMatchObject({
      status: 503,
      body: { type: 'urn:millrace:problem:idempotency-unavailable', outcome: 'not-written', retriable: true },
    });
    expect(other.status).toBe(201);
    expect(await idsInLog('c-1', 'c-2')).toEqual([]);
  });

  it('and never sent is taken over when the log cannot take its record any more, by one of those who ask', async () => {
    const suspended = await reserve('d-1', { secondsAgo: 25 });
    const answers = await Promise.all(
      [first, second, first, second].map((producer) => publish('d-1', undefined, producer)),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(new Set(answers.map(({ body }) => body['position'])).size).toBe(1);
    // The owner wakes up, and sends what it had reserved.
    await expect(send(suspended)).rejects.toMatchObject({ code: 'WRITE_DEADLINE', outcome: 'not-written' });
    expect(await idsInLog('d-1')).toEqual(['d-1']);
  });

  it('keeps the order of a key when it is taken over', async () => {
    await reserve('e-1', { secondsAgo: 25, key: 'e' });
    const lines = ['e-0', 'e-1', 'e-2', 'e-3'].map((id) =>
      JSON.stringify({ type: weighed.type, source: SOURCE, id, data: { parcelId: 'e', grams: 250 } }),
    );
    const answers = await first.stream(lines.join('\n'));
    expect(answers.at(-1)).toEqual({ summary: { published: 4, refused: 0 } });
    expect(await idsInLog('e-0', 'e-1', 'e-2', 'e-3')).toEqual(['e-0', 'e-1', 'e-2', 'e-3']);
  });

  it('is waited for by an outbox, which gives nothing up, and nothing overtakes it', async () => {
    await reserve('g-1', { secondsAgo: 14, key: 'g' });
    const env = variablesUnderTest(database.url);
    const registry = new RegistryClient({ url: registryUrl });
    const patient = createIdempotentWriter(catalogue, parseConfiguration(configuration, env), {
      registry,
      log: silentLogger,
      limits: { timeoutMs: Number.POSITIVE_INFINITY, events: 1_000, bytes: 1_000_000 },
    })!;
    await patient.start();
    const ids = Array.from({ length: 200 }, (_, index) => `g-${index}`);
    const appends = ids.map((id) => {
      const { record, attributes } = eventOf(id, 'g');
      return patient.append(record, attributes);
    });
    await Promise.all(appends);
    await patient.close();
    expect(await idsInLog(...ids)).toEqual(ids);
  });

  it('is removed when its window is over, like all others', async () => {
    const { identity } = await reserve('f-1', { secondsAgo: 2 * 3_600 });
    const young = await reserve('f-2');
    const retention = new RetentionJob([store], { what: 'reservations', log: silentLogger, everyMs: 20 });
    await waitFor('the old one to be removed', async () => !(await store.read([identity])).has(identity));
    await retention.stop();
    expect((await store.read([young.identity])).size).toBe(1);
  });
});
