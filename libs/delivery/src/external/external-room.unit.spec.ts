import { waitFor } from '@millrace/testing';
import { PermanentError } from '../errors';
import { ExternalTrial, keyed, unattended } from '../test/external-trial';

describe('the room of a partition whose handlers call the outside', () => {
  let handed: AbortController;
  beforeEach(() => {
    handed = new AbortController();
  });
  // What still waits for room would go on looking.
  afterEach(() => handed.abort());

  it('takes no more than there is room for, gives the rest back, and says when there is room again', async () => {
    const trial = new ExternalTrial();
    await trial.partition.open(unattended);
    for (let offset = 0; offset < 1_200; offset++) if (offset < 8) trial.keepOpen(offset);
    const records = Array.from({ length: 1_200 }, (_, offset) => keyed(offset, `key-${offset % 400}`));
    const outcome = await trial.partition.handle(records, handed.signal);
    expect(outcome).toMatchObject({ kind: 'wait', nextOffset: 1_000n });
    for (let offset = 0; offset < 8; offset++) trial.finish(offset);
    if (outcome.kind === 'wait') await outcome.over;
    expect(await trial.partition.handle(records.slice(1_000), handed.signal)).toEqual({ kind: 'done' });
    await trial.done(...records.map(({ offset }) => Number(offset)));
    await trial.partition.follow();
    expect(trial.position).toBe(1_200);
  });

  it('holds, and says that the handler may be at fault, when its lanes are full of keys that fail and may not be parked', async () => {
    const trial = new ExternalTrial();
    await trial.partition.open(unattended);
    const records = Array.from({ length: 1_200 }, (_, offset) => keyed(offset, `key-${offset}`));
    for (const { offset } of records)
      trial.failing.set(Number(offset), new PermanentError('no such account'));
    try {
      const full = await trial.partition.handle(records, handed.signal);
      expect(full).toMatchObject({ kind: 'wait', nextOffset: 1_000n });
      // It is over although the lanes are full again at once: there is something to say.
      if (full.kind === 'wait') await full.over;
      const outcome = await trial.partition.handle(records.slice(1_000), handed.signal);
      expect(outcome).toMatchObject({ kind: 'hold', nextOffset: 1_040n, delayMs: 1_000 });
      expect(outcome).toHaveProperty(
        'reason',
        expect.stringMatching(/^group\/trial at trial\/0\/\d+: 20 of the last \d+ keys failed/),
      );
      trial.failing.clear();
      await waitFor('the rest to be taken and done', async () => {
        await trial.partition.handle(records.slice(1_040), handed.signal);
        await trial.partition.follow();
        return trial.position === 1_200;
      });
      expect(trial.lot.rows).toHaveLength(40);
    } finally {
      await trial.partition.close(0, new Error('the test is over'));
    }
  });

  it('lets no more records stand behind fences than may: the others wait in their lanes, in order, until some are drained', async () => {
    const trial = new ExternalTrial(1, 10);
    trial.failing.set(0, new Error('no'));
    await trial.partition.open(unattended);
    const records = Array.from({ length: 40 }, (_, offset) => keyed(offset, offset === 5 ? 'b' : 'a'));
    await trial.partition.handle(records, handed.signal);
    await waitFor('ten of them to be parked', async () => {
      await trial.partition.follow();
      return trial.lot.rows.length === 10;
    });
    expect(trial.position).toBe(11);
    expect(trial.called).toEqual([5]);
    trial.failing.clear();
    await waitFor('all of them to be done', async () => {
      await trial.partition.queues.drainDue(handed.signal);
      await trial.partition.follow();
      expect(trial.lot.rows.length).toBeLessThanOrEqual(10);
      return trial.position === 40 && trial.lot.rows.length === 0;
    });
    expect(trial.called).toEqual([
      5,
      ...Array.from({ length: 40 }, (_, offset) => offset).filter((each) => each !== 5),
    ]);
  });

  it('takes no more than 32 MiB of values at once, and one record however large', async () => {
    const trial = new ExternalTrial();
    await trial.partition.open(unattended);
    const value = Buffer.alloc(12 * 1024 * 1024);
    const records = Array.from({ length: 5 }, (_, offset) => ({ ...keyed(offset, `key-${offset}`), value }));
    for (const { offset } of records) trial.keepOpen(Number(offset));
    const outcome = await trial.partition.handle(records, handed.signal);
    expect(outcome).toMatchObject({ kind: 'wait', nextOffset: 3n });
    for (const { offset } of records) trial.finish(Number(offset));
    await trial.done(0, 1, 2);
    await trial.partition.follow();
    expect(await trial.partition.handle(records.slice(3), handed.signal)).toEqual({ kind: 'done' });
  });
});
