import { applyCatalogue, createTestDatabase, readLog, uniqueName } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { parcels } from './parcels';
import { ProducerUnderTest } from './producer-under-test';

const { topic, weighed, catalogue } = parcels(uniqueName('once'), { idempotency: { windowMs: 3_600_000 } });
const weight = (parcelId: string, grams = 250) => ({ parcelId, grams });
const REUSED = { status: 409, body: { type: 'urn:millrace:problem:event-id-reused', retriable: false } };

describe('a topic with an idempotency window', () => {
  let database: TestDatabase;
  let first: ProducerUnderTest;
  let second: ProducerUnderTest;

  const start = () => ProducerUnderTest.startReady(catalogue, { DATABASE_URL: database.url });
  const idsInLog = async (...ids: string[]): Promise<string[]> =>
    (await readLog(topic)).map(({ headers }) => headers['ce_id'] ?? '').filter((id) => ids.includes(id));

  beforeAll(async () => {
    await applyCatalogue(catalogue);
    database = await createTestDatabase();
    [first, second] = [await start(), await start()];
  });
  afterAll(async () => {
    await Promise.all([first.close(), second.close()]);
    await database.drop();
  });

  it('gives a repeat the position of the first sending, on this instance and on another, and has one record', async () => {
    const send = (producer: ProducerUnderTest) =>
      producer.publish(weighed.type, weight('p-1'), { 'ce-id': 'a-1', 'ce-time': new Date().toISOString() });
    const answers = [await send(first), await send(first), await send(second), await send(first)];
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(new Set(answers.map(({ body }) => body['position'])).size).toBe(1);
    expect(await idsInLog('a-1')).toEqual(['a-1']);
  });

  it('gives a repeat the same position after a restart', async () => {
    const producer = await start();
    const before = await producer.publish(weighed.type, weight('p-2'), { 'ce-id': 'b-1' });
    await producer.close();
    const restarted = await start();
    try {
      expect(await restarted.publish(weighed.type, weight('p-2'), { 'ce-id': 'b-1' })).toEqual(before);
    } finally {
      await restarted.close();
    }
    expect(await idsInLog('b-1')).toEqual(['b-1']);
  });

  it('writes an id once that comes on two instances at the same time, many times over', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `c-${index}`);
    const answers = await Promise.all(
      ids.flatMap((id) =>
        [first, second, first, second].map((producer) =>
          producer.publish(weighed.type, weight(`p-${id}`), { 'ce-id': id }),
        ),
      ),
    );
    expect(answers.filter(({ status }) => status !== 201)).toEqual([]);
    expect(new Set(answers.map(({ body }) => body['position'])).size).toBe(ids.length);
    expect((await idsInLog(...ids)).toSorted()).toEqual(ids.toSorted());
  });

  it('refuses an id that comes with other content, and writes nothing', async () => {
    expect(await first.publish(weighed.type, weight('p-3', 1), { 'ce-id': 'd-1' })).toMatchObject({
      status: 201,
    });
    expect(await first.publish(weighed.type, weight('p-3', 2), { 'ce-id': 'd-1' })).toMatchObject(REUSED);
    expect(await second.publish(weighed.type, weight('p-4', 1), { 'ce-id': 'd-1' })).toMatchObject(REUSED);
    const withSubject = { 'ce-id': 'd-1', 'ce-subject': 'other' };
    expect(await second.publish(weighed.type, weight('p-3', 1), withSubject)).toMatchObject(REUSED);
    expect(await idsInLog('d-1')).toEqual(['d-1']);
  });

  it('takes the same id from another source for another event', async () => {
    const send = (source: string) =>
      first.publish(weighed.type, weight('p-5'), { 'ce-id': 'e-1', 'ce-source': source });
    const answers = [await send('/scales/1'), await send('/scales/2')];
    expect(new Set(answers.map(({ body }) => body['position'])).size).toBe(2);
  });

  it('answers each event of a batch for itself: new, a repeat, or an id that was used before', async () => {
    const event = (id: string, grams: number) => ({
      type: weighed.type,
      source: '/b',
      id,
      data: weight('p-6', grams),
    });
    const batch = JSON.stringify([event('f-1', 1), event('f-2', 2), event('f-1', 1), event('f-2', 3)]);
    const headers = { 'content-type': 'application/cloudevents-batch+json' };
    const { status, body } = await first.post('/v1/events', batch, headers);
    const events = body['events'] as { position?: string; problem?: unknown }[];
    expect(status).toBe(422);
    expect(events[0]?.position).toEqual(expect.stringContaining(topic));
    expect(events[2]?.position).toBe(events[0]?.position);
    expect(events[3]?.problem).toMatchObject({ status: 409, type: REUSED.body.type });
    expect(await idsInLog('f-1', 'f-2')).toEqual(['f-1', 'f-2']);
  });

  it('answers each line of a stream for itself, the same id twice in one body too', async () => {
    const line = (id: string, grams: number) =>
      JSON.stringify({ type: weighed.type, source: '/s', id, data: weight('p-7', grams) });
    const lines = [line('g-1', 1), line('g-1', 1), line('g-2', 2), line('g-1', 5)];
    const answers = await first.stream(`${lines.join('\n')}\n`);
    expect(answers[0]?.['position']).toBe(answers[1]?.['position']);
    expect(answers[3]?.['problem']).toMatchObject({ status: 409 });
    expect(answers[4]).toEqual({ summary: { published: 3, refused: 1 } });
    const again = await second.stream(`${lines.slice(0, 3).join('\n')}\n`);
    expect(again.slice(0, 3)).toEqual(answers.slice(0, 3));
    expect(await idsInLog('g-1', 'g-2')).toEqual(['g-1', 'g-2']);
  });

  it('keeps the order of the calls within a key, over many keys at once', async () => {
    const ids = Array.from({ length: 600 }, (_, index) => `h-${index}`);
    const lines = ids.map((id, index) =>
      JSON.stringify({ type: weighed.type, source: '/s', id, data: weight(`key-${index % 7}`) }),
    );
    const answers = await first.stream(lines.join('\n'));
    expect(answers.at(-1)).toEqual({ summary: { published: 600, refused: 0 } });
    const inLog = await readLog(topic);
    for (let key = 0; key < 7; key++) {
      const stored = inLog.filter((each) => each.key === `key-${key}`).map(({ headers }) => headers['ce_id']);
      expect(stored).toEqual(ids.filter((_, index) => index % 7 === key));
    }
  });

  it('takes an id again as a new event when the window is over', async () => {
    const send = () => first.publish(weighed.type, weight('p-8', 9), { 'ce-id': 'i-1' });
    const before = await send();
    // Two hours go by.
    await database.query(`UPDATE millrace.reservation SET reserved_at = reserved_at - interval '2 hours'`);
    const after = await send();
    expect(after.status).toBe(201);
    expect(after.body['position']).not.toBe(before.body['position']);
    expect(await idsInLog('i-1')).toEqual(['i-1', 'i-1']);
    expect((await send()).body['position']).toBe(after.body['position']);
  });
});
