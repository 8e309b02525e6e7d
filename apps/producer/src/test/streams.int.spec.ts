import { once } from 'node:events';
import { request } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { applyCatalogue, diffIds, readLog, uniqueName, waitFor } from '@millrace/testing';
import { parcels } from './parcels';
import { parseAnswers, ProducerUnderTest } from './producer-under-test';

const { topic, sent, weighed, catalogue } = parcels(uniqueName('parcels'));

const line = (id: string, parcelId: string): string =>
  JSON.stringify({ type: weighed.type, id, data: { parcelId, grams: 1 } });

describe('publishing a stream', () => {
  let producer: ProducerUnderTest;

  beforeAll(async () => {
    await applyCatalogue(catalogue);
    producer = await ProducerUnderTest.startReady(catalogue, { MAX_EVENT_BYTES: '2000' });
  });
  afterAll(() => producer.close());

  function open(): { outgoing: ClientRequest; answer: Promise<IncomingMessage> } {
    const headers = { 'content-type': 'application/x-ndjson' };
    const outgoing = request(`${producer.url}/v1/events`, { method: 'POST', headers });
    const answer = once(outgoing, 'response').then(([response]) => response as IncomingMessage);
    // A test that cuts the connection is not interested in how that ends here.
    answer.catch(() => undefined);
    outgoing.on('error', () => undefined);
    return { outgoing, answer };
  }

  const storedIds = async (prefix: string): Promise<string[]> =>
    (await readLog(topic)).map(({ headers }) => headers['ce_id'] ?? '').filter((id) => id.startsWith(prefix));

  it('answers each event in order with its place, and keeps the order of every key', async () => {
    const keys = Array.from({ length: 50 }, (_, index) => `order-${index}`);
    const ids = Array.from({ length: 40 }, (_, step) => keys.map((key) => `${key}/${step}`)).flat();
    const answers = await producer.stream(ids.map((id) => line(id, id.split('/')[0]!)).join('\n'));
    expect(answers.at(-1)).toEqual({ summary: { published: 2_000, refused: 0 } });
    expect(answers.slice(0, -1).map((answer) => [answer['line'], answer['id']])).toEqual(
      ids.map((id, index) => [index + 1, id]),
    );
    const records = await readLog(topic);
    for (const key of keys) {
      const stored = records.filter((each) => each.key === key).map(({ headers }) => headers['ce_id']);
      expect(stored).toEqual(ids.filter((id) => id.startsWith(`${key}/`)));
    }
    const places = new Map(
      records.map(({ partition, offset, headers }) => [headers['ce_id'], `${topic}/${partition}/${offset}`]),
    );
    for (const { id, position } of answers.slice(0, -1)) expect(position).toBe(places.get(id as string));
  });

  it('passes over empty lines and takes a last line that has no newline', async () => {
    const answers = await producer.stream(`\n${line('gap-1', 'g')}\r\n\n  \n${line('gap-2', 'g')}`);
    expect(answers.map((answer) => [answer['line'], answer['id']])).toEqual([
      [2, 'gap-1'],
      [5, 'gap-2'],
      [undefined, undefined],
    ]);
    expect(await producer.stream('')).toEqual([{ summary: { published: 0, refused: 0 } }]);
    expect(await storedIds('gap-')).toEqual(['gap-1', 'gap-2']);
  });

  it('refuses bad lines one by one, each with its reason, and takes all others', async () => {
    const bad: readonly [line: string, status: number, code: string][] = [
      ['{"type":', 400, 'json-syntax'],
      ['[1]', 422, 'event-envelope-invalid'],
      ['{"type":{"toString":1},"data":{}}', 422, 'event-envelope-invalid'],
      [JSON.stringify({ type: weighed.type, data: {}, 'colour!': 'red' }), 422, 'event-envelope-invalid'],
      [JSON.stringify({ type: 'parcels.ParcelLost', data: {} }), 404, 'event-type-not-found'],
      [JSON.stringify({ type: sent.type, data: { parcelId: 'b' } }), 422, 'event-invalid'],
      [line('bad', 'x'.repeat(3_000)), 413, 'event-too-large'],
    ];
    const lines = bad.flatMap(([each], index) => [each, line(`good-${index}`, 'b')]);
    const answers = await producer.stream(lines.join('\n'));
    expect(answers.at(-1)).toEqual({ summary: { published: bad.length, refused: bad.length } });
    const refusals = answers.filter(({ problem }) => problem !== undefined);
    expect(refusals).toMatchObject(
      bad.map(([, status, code], index) => ({
        line: 2 * index + 1,
        problem: { status, type: `urn:millrace:problem:${code}` },
      })),
    );
    expect(await storedIds('good-')).toEqual(bad.map((_, index) => `good-${index}`));
  });

  it('names the field of an event that does not fit its schema, as for a single event', async () => {
    const data = { parcelId: 'f', grams: 'many' };
    const [answer] = await producer.stream(JSON.stringify({ type: weighed.type, data }));
    expect(answer).toMatchObject({ line: 1, problem: { errors: [{ path: '/grams', got: 'string' }] } });
  });

  it('acknowledges while the body is still coming', async () => {
    const { outgoing, answer } = open();
    outgoing.write(`${line('early-1', 'e')}\n`);
    const response = await answer;
    const [first] = (await once(response, 'data')) as [Buffer];
    expect(parseAnswers(first.toString())).toMatchObject([{ line: 1, id: 'early-1' }]);
    outgoing.end(line('early-2', 'e'));
    expect(parseAnswers(await text(response))).toMatchObject([
      { id: 'early-2' },
      { summary: { published: 2 } },
    ]);
  });

  it('keeps what it took from a client that goes away in the middle, and serves the others', async () => {
    const { outgoing, answer } = open();
    const ids = Array.from({ length: 200 }, (_, index) => `cut-${index}`);
    outgoing.write(`${ids.map((id) => line(id, id)).join('\n')}\n{"type":"half`);
    const response = await answer;
    await once(response, 'data');
    outgoing.destroy();
    await waitFor(
      'what was taken to be in the log',
      async () => (await storedIds('cut-')).length === ids.length,
    );
    expect(diffIds(ids, await storedIds('cut-'))).toEqual({ missing: [], extra: [] });
    expect(await producer.isReady()).toBe(true);
    expect(await producer.stream(line('after-cut', 'c'))).toMatchObject([
      { line: 1 },
      { summary: { published: 1 } },
    ]);
  });

  it('serves a reader that stops for a while to the end', async () => {
    const { outgoing, answer } = open();
    const ids = Array.from({ length: 10_000 }, (_, index) => `slow-${index}`);
    outgoing.end(ids.map((id) => line(id, id)).join('\n'));
    const response = await answer;
    response.pause();
    await waitFor('the stream to be under way', async () => (await storedIds('slow-')).length > 100);
    const answers = parseAnswers(await text(response));
    expect(answers.at(-1)).toEqual({ summary: { published: ids.length, refused: 0 } });
    expect(answers.slice(0, -1).map(({ id }) => id)).toEqual(ids);
  });

  it('slows a stream of large events down to what may wait for the log, and refuses none', async () => {
    const settings = { MAX_PENDING_EVENTS: '4', MAX_PENDING_BYTES: '1000000' };
    const narrow = await ProducerUnderTest.startReady(catalogue, settings);
    try {
      const ids = Array.from({ length: 300 }, (_, index) => `large-${index}`);
      const answers = await narrow.stream(
        ids
          .map((id) =>
            JSON.stringify({
              type: weighed.type,
              id,
              data: { parcelId: id, grams: 1, note: 'x'.repeat(20_000) },
            }),
          )
          .join('\n'),
      );
      expect(answers.at(-1)).toEqual({ summary: { published: ids.length, refused: 0 } });
    } finally {
      await narrow.close();
    }
  });
});
