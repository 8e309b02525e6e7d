import type { ConsumerGroupDefinition } from '@millrace/delivery';
import { deadLetterTopic, PermanentError } from '@millrace/delivery';
import { readLog, waitFor } from '@millrace/testing';
import { TrialConsumer } from './trial-consumer';
import type { ParkedShown } from './trial-consumer';

describe('a record that its handler cannot take', () => {
  let trial: TrialConsumer;
  /** Orders that fail for now, and how. */
  const failing = new Map<string, Error>();
  const tries = new Map<string, number>();

  const begin = async (declared: Partial<ConsumerGroupDefinition> = {}) => {
    trial = await TrialConsumer.create(declared);
    trial.before = async ({ id }) => {
      tries.set(id, (tries.get(id) ?? 0) + 1);
      const error = failing.get(id);
      if (error !== undefined) throw error;
    };
  };

  beforeEach(() => {
    failing.clear();
    tries.clear();
  });

  afterEach(() => trial.remove());

  const path = (rest = '') => `/v1/groups/${trial.group.name}/parked${rest}`;
  const taken = (...orders: string[]) =>
    waitFor(`the orders ${orders.join(', ')}`, async () => {
      const found = await trial.taken();
      return orders.every((id) => found.includes(id)) && found;
    });
  const parked = (what: string, is: (records: ParkedShown[]) => boolean) =>
    waitFor(what, async () => {
      const records = await trial.parked();
      return is(records) && records;
    });

  it('waits with its key alone, in order, while all others flow, and takes effect once it can', async () => {
    await begin();
    failing.set('bad', new Error('the seat map is closed'));
    await trial.order(0, 'before');
    await trial.order(0, 'bad');
    await trial.order(0, 'behind-1');
    await trial.order(0, 'other-1', 1);
    await trial.order(0, 'behind-2');
    await trial.order(0, 'other-2', 1);
    await trial.start();
    expect(await taken('before', 'other-1', 'other-2')).toEqual(['before', 'other-1', 'other-2']);

    const records = await parked('the three', ({ length }) => length === 3);
    expect(records.map(({ id, key, state }) => ({ id, key, state }))).toEqual(
      ['bad', 'behind-1', 'behind-2'].map((id) => ({ id, key: trial.topic.keyIn(0), state: 'queued' })),
    );
    const { failure } = (await parked('a drain', ([bad]) => (bad?.failure?.attempts ?? 0) > 3))[0]!;
    expect(failure).toMatchObject({ reason: 'exhausted', name: 'Error', message: 'the seat map is closed' });
    expect(records[1]).not.toHaveProperty('failure');
    expect(await trial.shown(0)).toMatchObject({ state: 'running', lag: '0' });
    expect((await trial.get('/health/ready')).status).toBe(200);
    expect(tries.get('behind-1')).toBeUndefined();

    await trial.order(0, 'behind-3');
    failing.clear();
    const all = await taken('behind-3');
    expect(all.slice(3)).toEqual(['bad', 'behind-1', 'behind-2', 'behind-3']);
    await parked('nothing to be parked', ({ length }) => length === 0);
    await trial.order(0, 'afterwards');
    expect(await taken('afterwards')).toHaveLength(8);
  });

  it('is found by the next owner of its partition, who goes on with it', async () => {
    await begin();
    failing.set('bad', new Error('no'));
    await trial.order(0, 'bad');
    await trial.order(0, 'behind');
    await trial.start();
    await parked('both', ({ length }) => length === 2);
    await trial.stop();
    await trial.order(0, 'later');
    await trial.order(0, 'other', 1);
    await trial.start();
    await taken('other');
    await parked('the third', ({ length }) => length === 3);
    failing.clear();
    expect(await taken('later')).toEqual(['other', 'bad', 'behind', 'later']);
  });

  it('is a dead letter at once when the handler says so, and a redrive runs it before what is behind it', async () => {
    await begin();
    failing.set('bad', new PermanentError('there is no such flight'));
    await trial.order(0, 'bad');
    await trial.order(0, 'behind');
    await trial.order(0, 'other', 1);
    await trial.start();
    await taken('other');
    const [bad] = await parked('both', ({ length }) => length === 2);
    expect(bad).toMatchObject({ id: 'bad', state: 'dead', failure: { reason: 'permanent', attempts: 1 } });
    expect(tries.get('bad')).toBe(1);

    failing.clear();
    const answer = await trial.post(path('/redrive'), { positions: [bad!.position] });
    expect(answer).toEqual({ status: 200, body: { redriven: 1 } });
    expect(await taken('behind')).toEqual(['other', 'bad', 'behind']);
    expect(await trial.parked()).toEqual([]);
  });

  it('lets its key go on without it where the group declares so, and can still be redriven', async () => {
    await begin({ deadKey: 'release' });
    failing.set('bad', new PermanentError('there is no such flight'));
    await trial.order(0, 'bad');
    await trial.order(0, 'next');
    await trial.start();
    await taken('next');
    const records = await trial.parked();
    expect(records.map(({ id, state }) => ({ id, state }))).toEqual([{ id: 'bad', state: 'dead' }]);
    failing.clear();
    expect((await trial.post(path('/redrive'), { all: true })).body).toEqual({ redriven: 1 });
    expect(await taken('bad')).toEqual(['next', 'bad']);
  });

  it('becomes a dead letter when all its tries are used up', async () => {
    await begin({ parking: { attempts: 2, initialMs: 20, maxMs: 50 } });
    failing.set('bad', new Error('no'));
    await trial.order(0, 'bad');
    await trial.start();
    const [bad] = await parked('the dead letter', ([first]) => first?.state === 'dead');
    expect(bad?.failure).toMatchObject({ reason: 'exhausted', attempts: 5 });
    expect(tries.get('bad')).toBe(5);
  });

  it('is a dead letter when nobody can read it; discarded, its key goes on', async () => {
    await begin();
    await trial.topic.publishValue(trial.topic.keyIn(0), Buffer.from('{"not":"avro"}'), 'strange');
    await trial.order(0, 'behind');
    await trial.order(0, 'other', 1);
    await trial.start();
    await taken('other');
    const [strange] = await parked('both', ({ length }) => length === 2);
    expect(strange).toMatchObject({
      ...{ id: 'strange', state: 'dead' },
      failure: { reason: 'undecodable', message: expect.stringMatching(/\/0\/0 .*is not framed/) as string },
    });
    const answer = await trial.post(path('/discard'), { positions: [strange!.position] });
    expect(answer.body).toEqual({ discarded: 1 });
    expect(await taken('behind')).toEqual(['other', 'behind']);
  });

  it('is copied to the topic of dead letters of its group, where other tools read what went wrong; once more when it dies again', async () => {
    await begin();
    failing.set('bad', new PermanentError('there is no such flight'));
    const position = await trial.order(0, 'bad');
    await trial.start();
    const topic = deadLetterTopic(trial.group.name);
    const copies = (count: number) =>
      waitFor(`${count} copies`, async () => {
        const found = await readLog(topic).catch(() => []);
        return found.length >= count && found;
      });
    const [copy] = await copies(1);
    const [, partition, offset] = position.split('/');
    expect(copy).toMatchObject({ key: trial.topic.keyIn(0) });
    expect(copy?.headers).toMatchObject({
      ...{ ce_id: 'bad', 'millrace-dlq-group': trial.group.name, 'millrace-dlq-reason': 'permanent' },
      ...{ '__connect.errors.topic': trial.topic.name, '__connect.errors.partition': partition },
      ...{ '__connect.errors.offset': offset, 'kafka_dlt-exception-fqcn': 'PermanentError' },
      'kafka_dlt-exception-message': 'there is no such flight',
    });
    await trial.post(path('/redrive'), { all: true });
    expect(Object.keys((await copies(2))[1]!.headers).sort()).toEqual(Object.keys(copy!.headers).sort());
  });

  it('is parked with what to do when the handler hides a failed statement', async () => {
    await begin();
    trial.before = async (_order, { transaction }) => {
      await transaction.query('SELECT * FROM nowhere').catch(() => undefined);
    };
    await trial.order(0, 'hidden');
    await trial.start();
    const [hidden] = await parked('it', ({ length }) => length === 1);
    expect(hidden?.failure?.message).toMatch(/aborted|rolled the transaction back/);
    expect(await trial.taken()).toEqual([]);
  });

  it('holds its partition when most keys fail: then the handler is at fault, and nothing more is parked', async () => {
    await begin();
    const orders = Array.from({ length: 100 }, (_, nth) => `order-${nth}`);
    for (const id of orders) failing.set(id, new Error('a bug of today'));
    await Promise.all(orders.map((id, nth) => trial.order(0, id, nth)));
    await trial.start();
    const held = await waitFor('the hold', async () => {
      const shown = await trial.shown(0);
      return shown?.reason?.includes('is the handler at fault?') === true && shown;
    });
    expect(held).toMatchObject({ state: 'held' });
    const count = (await trial.parked()).length;
    expect(count).toBeGreaterThanOrEqual(40);
    expect(count).toBeLessThan(60);
    failing.clear();
    expect([...(await taken(...orders))].sort()).toEqual([...orders].sort());
    await parked('nothing to be parked', ({ length }) => length === 0);
  });

  it('holds its partition when as many records are parked as may be', async () => {
    await begin({ parking: { attempts: 1_000, initialMs: 20, maxMs: 200, maxRecords: 5 } });
    failing.set('bad', new Error('no'));
    await trial.order(0, 'bad');
    for (let nth = 1; nth <= 10; nth++) await trial.order(0, `behind-${nth}`);
    await trial.start();
    await waitFor('the hold', async () => (await trial.shown(0))?.reason?.includes('which is the bound'));
    expect(await trial.parked()).toHaveLength(5);
    failing.clear();
    const orders = ['bad', ...Array.from({ length: 10 }, (_, nth) => `behind-${nth + 1}`)];
    expect(await taken(...orders)).toEqual(orders);
  });

  it('is listed page by page, by key and by state', async () => {
    await begin();
    for (const nth of [0, 1, 2]) {
      failing.set(`bad-${nth}`, new PermanentError('no'));
      await trial.order(0, `bad-${nth}`, nth);
      await trial.order(0, `behind-${nth}`, nth);
    }
    await trial.start();
    await parked('all', ({ length }) => length === 6);
    const idsOf = async (query: string) => {
      const { body } = await trial.get(path(query));
      const { records, next } = body as { records: ParkedShown[]; next?: string };
      return { ids: records.map(({ id }) => id), next };
    };
    const first = await idsOf('?limit=4');
    expect(first).toEqual({
      ids: ['bad-0', 'behind-0', 'bad-1', 'behind-1'],
      next: `${trial.topic.name}/0/3`,
    });
    expect(await idsOf(`?limit=4&after=${first.next}`)).toEqual({
      ids: ['bad-2', 'behind-2'],
      next: undefined,
    });
    expect((await idsOf('?state=dead')).ids).toEqual(['bad-0', 'bad-1', 'bad-2']);
    expect((await idsOf(`?key=${trial.topic.keyIn(0, 1)}`)).ids).toEqual(['bad-1', 'behind-1']);
  });

  it.each([
    ['no filter at all', {}],
    ['a state alone', { state: 'dead' }],
    ['another form of position', { positions: ['flights:0:1'] }],
    ['a field that does not exist', { all: true, topic: 'flights' }],
  ])('is not redriven for %s, and the answer says what is expected', async (_what, body) => {
    await begin();
    await trial.start();
    const answer = await trial.post(path('/redrive'), body);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain('INVALID_REQUEST'.toLowerCase().replace('_', '-'));
  });

  it('of a group that is not here is answered with the groups that are', async () => {
    await begin();
    await trial.start();
    const { status, body } = await trial.get('/v1/groups/nobody/parked');
    expect(status).toBe(404);
    expect(body).toMatchObject({ known: [trial.group.name] });
  });
});
