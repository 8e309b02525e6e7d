import { moveGroupOffsets, waitFor } from '@millrace/testing';
import { TrialConsumer } from './trial-consumer';

/** Kafka's committed offset is a copy; when it is not the copy that a member wrote, somebody moved it. */
describe('a partition whose committed offset was moved in Kafka', () => {
  let trial: TrialConsumer;
  let partitions: string;

  beforeEach(async () => {
    trial = await TrialConsumer.create();
    partitions = `/v1/groups/${trial.group.name}/positions`;
  });

  afterEach(() => trial.remove());

  const ids = (prefix: string, from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => `${prefix}${from + index}`);
  const orderAll = (partition: number, orders: readonly string[]) =>
    Promise.all(orders.map((id) => trial.order(partition, id)));
  const isUpToDate = (partition: number) =>
    waitFor(`partition ${partition} to be up to date`, async () => {
      const shown = await trial.shown(partition);
      return shown?.lag === '0' && shown.state === 'running';
    });
  /** Thirty orders done in partition 0 and in partition 1, and their copies in Kafka; nobody is a member. */
  const stopAtThirty = async () => {
    await Promise.all([0, 1].map((partition) => orderAll(partition, ids(`p${partition}-`, 0, 30))));
    await trial.start();
    await isUpToDate(0);
    await isUpToDate(1);
    await trial.stop();
    expect(await trial.copiedOffsets()).toEqual([30n, 30n, 0n]);
  };
  const move = (...offsets: bigint[]) =>
    waitFor('the group to be empty', async () => {
      await moveGroupOffsets(trial.group.name, trial.topic.name, offsets);
      return true;
    });
  const halted = (partition: number) =>
    waitFor(`partition ${partition} to halt`, async () => {
      const shown = await trial.shown(partition);
      return shown?.state === 'halted' && shown.reason;
    });
  const adopt = (partition: number, offset: string) =>
    trial.post(`${partitions}/adopt`, { topic: trial.topic.name, partitions: [{ partition, offset }] });
  const reject = () => trial.post(`${partitions}/reject`, { topic: trial.topic.name });

  it('halts, and says what Kafka has, what was written, where the position stands, and what to do', async () => {
    await stopAtThirty();
    await move(3n, 30n, 0n);
    await orderAll(0, ids('p0-', 30, 35));
    await orderAll(1, ids('p1-', 30, 35));
    await trial.start();
    const reason = await halted(0);
    const { name: group } = trial.group;
    const { name: topic } = trial.topic;
    expect(reason).toContain(
      `group/${group}: Kafka's committed offset of ${topic}/0 is 3, and is not the copy`,
    );
    expect(reason).toContain('the last copy noted is 30; the position in PostgreSQL is 30');
    expect(reason).toContain('runs the records from 3 up to 29 again (up to 27), their effects too');
    expect(reason).toContain(`POST /v1/groups/${group}/positions/adopt or …/reject`);
    expect(reason).toContain(`{"topic":"${topic}","partitions":[{"partition":0,"offset":"3"}]}`);
    expect((await trial.get('/health/ready')).status).toBe(503);
    // What was moved to where it is was not moved; and one partition that halts holds up no other.
    await isUpToDate(1);
    expect(await trial.effects(0)).toEqual(ids('p0-', 0, 30));
    expect((await trial.get(`${partitions}/moved`)).body).toEqual({
      group,
      moved: [
        {
          topic,
          partition: 0,
          offset: '3',
          copiedOffset: '30',
          nextOffset: '30',
          log: { start: '0', end: '35' },
          adoption: { repeatsUpTo: '27', detail: expect.stringContaining('their effects too') as string },
        },
      ],
    });
    await trial.stop();
    // Neither it nor its stop has written over what the operator wants.
    expect((await trial.copiedOffsets())[0]).toBe(3n);
  });

  it('goes on by itself from there once that was adopted: what was done behind it is done again', async () => {
    await stopAtThirty();
    await move(20n, 30n, 0n);
    await trial.start();
    await halted(0);
    expect(await adopt(0, '20')).toMatchObject({
      status: 200,
      body: {
        group: trial.group.name,
        topic: trial.topic.name,
        partitions: [{ partition: 0, outcome: 'adopted', from: '30', nextOffset: '20', repeatsUpTo: '10' }],
      },
    });
    await isUpToDate(0);
    expect((await trial.effects(0)).toSorted()).toEqual(
      [...ids('p0-', 0, 30), ...ids('p0-', 20, 30)].toSorted(),
    );
    await waitFor('health', async () => (await trial.get('/health/ready')).status === 200);
    await trial.stop();
    expect(await trial.copiedOffsets()).toEqual([30n, 30n, 0n]);
    await trial.start();
    await isUpToDate(0);
  });

  it('leaves out what lies before an offset that was moved forward and adopted', async () => {
    await stopAtThirty();
    await orderAll(0, ids('p0-', 30, 50));
    await move(40n, 30n, 0n);
    await trial.start();
    expect(await halted(0)).toContain('leaves the records from 30 up to 39 out (up to 10), for good');
    expect((await adopt(0, '40')).body).toMatchObject({ partitions: [{ skipsUpTo: '10' }] });
    await isUpToDate(0);
    expect(await trial.effects(0)).toEqual([...ids('p0-', 0, 30), ...ids('p0-', 40, 50)]);
  });

  it('goes on by itself from its position once the move was rejected, and puts that back in Kafka', async () => {
    await stopAtThirty();
    await move(0n, 999n, 0n);
    await orderAll(0, ids('p0-', 30, 35));
    await trial.start();
    await halted(0);
    await halted(1);
    expect(await reject()).toMatchObject({
      status: 200,
      body: {
        partitions: [
          { partition: 0, outcome: 'rejected', rejected: '0', nextOffset: '30' },
          { partition: 1, outcome: 'rejected', rejected: '999', nextOffset: '30' },
        ],
      },
    });
    await isUpToDate(0);
    await isUpToDate(1);
    expect(await trial.effects(0)).toEqual(ids('p0-', 0, 35));
    await waitFor('the copies', async () => (await trial.copiedOffsets()).join() === '35,30,0');
    await trial.stop();
    // The same once more is another move, not the one that was rejected.
    await move(0n, 30n, 0n);
    await trial.start();
    await halted(0);
  });

  it('is asked about again when it was moved again before anybody decided, and the first is not adopted', async () => {
    await stopAtThirty();
    await move(3n, 30n, 0n);
    await trial.start();
    await halted(0);
    await trial.stop();
    await move(5n, 30n, 0n);
    await trial.start();
    await halted(0);
    expect(await adopt(0, '3')).toMatchObject({
      status: 409,
      body: { type: 'urn:millrace:problem:moved-elsewhere', offset: '5', retriable: false },
    });
    expect((await adopt(0, '5')).status).toBe(200);
    await isUpToDate(0);
  });

  it('can be decided about by any member, whoever holds the partition', async () => {
    await stopAtThirty();
    await move(10n, 10n, 0n);
    const other = trial.beside();
    await Promise.all([trial.start(), other.start()]);
    const decide = async (partition: number) => {
      await waitFor('the halt, here or elsewhere', async () => {
        const states = [await trial.shown(partition), await other.shown(partition)].map(
          (shown) => shown?.state,
        );
        return states.includes('halted');
      });
      return adopt(partition, '10');
    };
    try {
      expect([(await decide(0)).status, (await decide(1)).status]).toEqual([200, 200]);
      for (const partition of [0, 1]) {
        await waitFor('both to be repeated', async () => (await trial.effects(partition)).length === 50);
      }
    } finally {
      await other.stop();
    }
  });

  it('is the way on for a position that has left the log, or halts as before when it is rejected', async () => {
    await stopAtThirty();
    await trial.database.query('UPDATE millrace.position SET next_offset = 77 WHERE partition = 0');
    await move(25n, 30n, 0n);
    await trial.start();
    await halted(0);
    expect((await adopt(0, '25')).status).toBe(200);
    await isUpToDate(0);
  });

  describe('decisions that cannot be', () => {
    it('are refused with a problem, and change nothing', async () => {
      await stopAtThirty();
      await move(999n, 30n, 0n);
      await trial.start();
      await halted(0);
      const { name: topic } = trial.topic;
      const one = { partition: 0, offset: '999' };
      const refused = async (path: string, body: unknown) => {
        const answer = await trial.post(path, body);
        return [answer.status, (answer.body as { type: string }).type.replace('urn:millrace:problem:', '')];
      };
      expect(await refused('/v1/groups/nobody/positions/adopt', { topic, partitions: [one] })).toEqual([
        404,
        'group-not-found',
      ]);
      const bad: unknown[] = [
        {},
        { topic },
        { topic, partitions: [] },
        { topic, partitions: [one, one] },
        { topic, partitions: [{ partition: 0, offset: 999 }] },
        { topic, partitions: [{ partition: -1, offset: '999' }] },
        { topic, partitions: [one], confirm: true },
        { topic: 'another', partitions: [one] },
      ];
      for (const body of bad)
        expect(await refused(`${partitions}/adopt`, body)).toEqual([400, 'invalid-request']);
      expect(await refused(`${partitions}/adopt`, { topic, partitions: [one] })).toEqual([
        422,
        'adoption-outside-log',
      ]);
      const unmoved = { partition: 1, offset: '30' };
      expect(await refused(`${partitions}/reject`, { topic, partitions: [one, unmoved] })).toEqual([
        409,
        'nothing-moved',
      ]);
      expect(await halted(0)).toContain('is 999');
      expect((await reject()).status).toBe(200);
      await isUpToDate(0);
      expect(await refused(`${partitions}/reject`, { topic })).toEqual([409, 'nothing-moved']);
    });
  });
});
