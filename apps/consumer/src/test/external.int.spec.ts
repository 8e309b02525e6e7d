import type { ConsumerGroupDefinition, ExternalDelivery } from '@millrace/delivery';
import { PermanentError } from '@millrace/delivery';
import { waitFor } from '@millrace/testing';
import { TrialConsumer } from './trial-consumer';

interface Made extends Omit<ExternalDelivery, 'signal' | 'metadata'> {
  readonly id: string;
}

describe('a group whose handlers call the outside', () => {
  let trial: TrialConsumer;
  /** Calls that succeeded, in the order of their ends. */
  let made: Made[];
  let running = 0;
  let most = 0;
  const failing = new Map<string, Error>();
  /** What the calls wait for. */
  let gate: Promise<void> | undefined;
  let isDown = false;

  const begin = async (declared: Partial<ConsumerGroupDefinition> = {}) => {
    trial = await TrialConsumer.create({ kind: 'external', ...declared });
    trial.outside = async ({ id }, { metadata: _metadata, signal, ...delivery }) => {
      running += 1;
      most = Math.max(most, running);
      try {
        await Promise.race([
          gate ?? new Promise((resolve) => setImmediate(resolve)),
          new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => reject(signal.reason as Error)),
          ),
        ]);
        if (isDown) throw new Error('connect ECONNREFUSED');
        const error = failing.get(id);
        if (error !== undefined) throw error;
        made.push({ id, ...delivery });
      } finally {
        running -= 1;
      }
    };
  };

  beforeEach(() => {
    made = [];
    running = 0;
    most = 0;
    failing.clear();
    gate = undefined;
    isDown = false;
  });

  afterEach(() => trial.remove());

  const orders = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  const calls = (...ids: string[]) =>
    waitFor(`calls for ${ids.length} orders`, () => {
      const found = new Set(made.map(({ id }) => id));
      return ids.every((id) => found.has(id));
    });
  const position = (partition: number, offset: number) =>
    waitFor(`position ${offset}`, async () => (await trial.shown(partition))?.nextOffset === String(offset));

  it('calls for many keys at once, for one key in order, and each once while nothing fails', async () => {
    await begin();
    let release = (): void => undefined;
    gate = new Promise((resolve) => (release = resolve));
    const sent = orders('order', 60);
    for (const [index, id] of sent.entries()) await trial.order(0, id, index % 20);
    await trial.start();
    await waitFor('a call for every key', () => running === 20);
    expect((await trial.shown(0))?.nextOffset).toBe('0');
    release();
    await calls(...sent);
    expect(most).toBe(20);
    expect([...made.map(({ id }) => id)].sort()).toEqual([...sent].sort());
    for (let nth = 0; nth < 20; nth++) {
      const ofKey = [nth, nth + 20, nth + 40].map((index) => `order-${index}`);
      expect(made.map(({ id }) => id).filter((id) => ofKey.includes(id))).toEqual(ofKey);
    }
    await position(0, 60);
  });

  it('makes a call again, under the same key and a higher token, when its outcome was lost with its process', async () => {
    await begin();
    await trial.order(0, 'first');
    await trial.start();
    await calls('first');
    await position(0, 1);
    gate = new Promise(() => undefined);
    await trial.order(0, 'second', 1);
    await waitFor('the call', () => running === 1);
    await trial.stop();
    expect(running).toBe(0);
    gate = undefined;
    await trial.start();
    await calls('second');
    const [first, second] = made;
    expect(made.map(({ id }) => id)).toEqual(['first', 'second']);
    expect(second!.idempotencyKey).toMatch(/^[0-9a-f]{64}$/);
    expect(second!.idempotencyKey).not.toBe(first!.idempotencyKey);
    expect(second!.fencingToken > first!.fencingToken).toBe(true);
  });

  it('parks a record that fails with its key alone, keeps that through a restart, and drains it in order', async () => {
    await begin();
    failing.set('bad', new Error('not now'));
    for (const id of ['bad', 'behind-1', 'behind-2']) await trial.order(0, id);
    for (const id of orders('other', 10)) await trial.order(0, id, 1);
    await trial.start();
    await calls(...orders('other', 10));
    await position(0, 13);
    await waitFor('three to be parked', async () => (await trial.parked()).length === 3);
    await trial.stop();
    await trial.order(0, 'behind-3');
    await trial.start();
    await waitFor('four to be parked', async () => (await trial.parked()).length === 4);
    expect((await trial.parked())[0]).toMatchObject({ id: 'bad', failure: { message: 'not now' } });
    failing.clear();
    await calls('behind-3');
    const ofKey = made.map(({ id }) => id).filter((id) => !id.startsWith('other'));
    expect(ofKey).toEqual(['bad', 'behind-1', 'behind-2', 'behind-3']);
    await waitFor('nothing to be parked', async () => (await trial.parked()).length === 0);
  });

  it('waits while what it calls is down: nothing is parked, health says so, and it goes on by itself', async () => {
    await begin({ calls: { dependency: 'payments' } });
    isDown = true;
    const sent = orders('order', 200);
    await Promise.all(sent.map((id, nth) => trial.order(nth % 3, id, nth)));
    await trial.start();
    const ready = await waitFor('health to say so', async () => {
      const answer = await trial.get('/health/ready');
      return answer.status === 503 && JSON.stringify(answer.body).includes('payments') && answer;
    });
    expect(JSON.stringify(ready.body)).toContain('payments has not answered since');
    expect(await trial.parked()).toEqual([]);
    isDown = false;
    await calls(...sent);
    await waitFor('health', async () => (await trial.get('/health/ready')).status === 200);
    expect(await trial.parked()).toEqual([]);
    expect(new Set(made.map(({ id }) => id)).size).toBe(made.length);
  });

  it('keeps a permanent failure as a dead letter, which opens no breaker, and calls for it when it is redriven', async () => {
    await begin({ deadKey: 'release' });
    const bad = orders('bad', 8);
    for (const [nth, id] of bad.entries()) {
      failing.set(id, new PermanentError('no such card'));
      await trial.order(0, id, nth);
      await trial.order(0, `after-${nth}`, nth);
    }
    await trial.start();
    await calls(...orders('after', 8));
    await waitFor('eight dead letters', async () => {
      const records = await trial.parked();
      return records.length === 8 && records.every(({ state }) => state === 'dead');
    });
    failing.clear();
    await trial.post(`/v1/groups/${trial.group.name}/parked/redrive`, { all: true });
    await calls(...bad);
    expect(await trial.parked()).toEqual([]);
  });

  it('goes on behind records that nobody can read, and behind repeats', async () => {
    await begin();
    await trial.order(0, 'first');
    await trial.topic.publishValue(trial.topic.keyIn(0, 1), Buffer.from('{"not":"avro"}'), 'strange');
    await trial.order(0, 'first');
    await trial.order(0, 'last');
    await trial.start();
    await calls('first', 'last');
    await position(0, 4);
    expect(made.map(({ id }) => id)).toEqual(['first', 'last']);
    expect((await trial.parked()).map(({ id, state }) => ({ id, state }))).toEqual([
      { id: 'strange', state: 'dead' },
    ]);
  });
});
