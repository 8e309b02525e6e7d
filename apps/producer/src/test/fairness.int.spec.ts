import { request } from 'node:http';
import type { ClientRequest } from 'node:http';
import { applyCatalogue, uniqueName, waitFor } from '@millrace/testing';
import { parcels } from './parcels';
import { ProducerUnderTest } from './producer-under-test';

const { weighed, catalogue } = parcels(uniqueName('parcels'));
const STREAMS = 4;
const SINGLES = 50;

describe('streams that push as hard as they can', () => {
  let producer: ProducerUnderTest;

  beforeAll(async () => {
    await applyCatalogue(catalogue);
    // Few, so that the streams fill what they may have all the time.
    producer = await ProducerUnderTest.startReady(catalogue, { MAX_PENDING_EVENTS: '500' });
  });
  afterAll(() => producer.close());

  /** Writes until it is stopped, no slower than the producer reads; counts the answers. */
  function pushHard(name: string): { stop: () => void; answered: () => number; refused: () => boolean } {
    const headers = { 'content-type': 'application/x-ndjson' };
    const outgoing: ClientRequest = request(`${producer.url}/v1/events`, { method: 'POST', headers });
    const lines = Array.from({ length: 500 }, (_, index) =>
      JSON.stringify({ type: weighed.type, data: { parcelId: `${name}-${index}`, grams: 1 } }),
    ).join('\n');
    let stopped = false;
    let answered = 0;
    let refused = false;
    const push = (): void => {
      while (!stopped && outgoing.write(`${lines}\n`));
    };
    outgoing.on('drain', push).on('error', () => undefined);
    outgoing.on('response', (response) => {
      response.on('error', () => undefined);
      response.on('data', (answers: Buffer) => {
        answered += answers.toString().split('\n').length - 1;
        refused ||= answers.includes('"problem"');
      });
    });
    push();
    const stop = (): void => {
      stopped = true;
      outgoing.destroy();
    };
    return { stop, answered: () => answered, refused: () => refused };
  }

  it('do not keep single events out: each gets in, and the streams go on', async () => {
    const streams = Array.from({ length: STREAMS }, (_, index) => pushHard(`stream-${index}`));
    try {
      await waitFor('every stream to be under way', () => streams.every(({ answered }) => answered() > 300));
      const before = streams.map(({ answered }) => answered());
      const statuses: number[] = [];
      for (let count = 0; count < SINGLES; count++) {
        statuses.push((await producer.publish(weighed.type, { parcelId: 'single', grams: count })).status);
      }
      expect(statuses).toEqual(Array.from({ length: SINGLES }, () => 201));
      await waitFor('every stream to have gone on', () =>
        streams.every(({ answered }, index) => answered() > before[index]! + 300),
      );
      expect(streams.some(({ refused }) => refused())).toBe(false);
    } finally {
      for (const { stop } of streams) stop();
    }
  });
});
