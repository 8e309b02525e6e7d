import { partitionFor } from '@millrace/event';
import type { LogRecord } from '@millrace/event';
import type { StoredPosition } from './position-ledger';
import { MemoryLedger } from './test/memory-ledger';
import { context, effectOf, recordAt, recordsAt, signal, trialOf } from './test/trial-partition';
import type { Trial } from './test/trial-partition';

/** A record whose key lies in partition 0, where the trial's records are, when there are so many partitions. */
function keyedAt(offset: number, partitionCount: number): LogRecord {
  for (let candidate = 0; ; candidate++) {
    const key = Buffer.from(`key-${candidate}`);
    const isWanted =
      partitionFor(key, partitionCount) === 0 && (partitionCount === 6 || partitionFor(key, 6) !== 0);
    if (isWanted) return { ...recordAt(offset), key };
  }
}

const stored: StoredPosition = {
  nextOffset: 500n,
  epoch: 7n,
  partitionCount: 6,
  last: { timestampMs: 1_499, identity: '/trial\nevent-499' },
};

describe('opening a partition', () => {
  let trial: Trial;
  beforeEach(() => (trial = trialOf(new MemoryLedger())));

  describe('without a stored position', () => {
    it.each([
      ['earliest', 40n],
      ['latest', 1_000n],
    ] as const)('begins at the %s offset', async (start, nextOffset) => {
      trial.log = { start: 40n, end: 1_000n, partitionCount: 6 };
      await trial.partition({ start }).open(context);
      expect(trial.ledger.row).toEqual({ nextOffset, epoch: 1n, partitionCount: 6 });
    });

    it('begins at the first record of a time', async () => {
      const offsetAt = (_at: unknown, timeMs: number) => Promise.resolve(BigInt(timeMs) + 7n);
      await trial.partition({ start: { timeMs: 500 }, offsetAt }).open(context);
      expect(trial.ledger.row).toMatchObject({ nextOffset: 507n });
    });

    it('halts when the topic had fewer partitions when the reader stood in it', async () => {
      trial.ledger.knownPartitionCount = () => Promise.resolve(4);
      expect(await trial.partition().open(context)).toMatchObject({
        kind: 'halt',
        reason: expect.stringContaining('trial has 6 partitions, and had 4') as string,
      });
      expect(trial.ledger.row).toBeUndefined();
    });
  });

  it('takes the next epoch, keeps the position, and fetches from the distance of repeats before it', async () => {
    trial.ledger.row = stored;
    expect(await trial.partition().open(context)).toEqual({
      kind: 'open',
      fetchFrom: 400n,
      nextOffset: 500n,
    });
    expect(trial.ledger.row).toEqual({ ...stored, epoch: 8n });
  });

  it('fetches the record before the position even when no distance of repeats is declared', async () => {
    trial.ledger.row = stored;
    const opened = await trial.partition({ repeatsWithin: 0n }).open(context);
    expect(opened).toEqual({ kind: 'open', fetchFrom: 499n, nextOffset: 500n });
  });

  describe('the walk of epochs', () => {
    it('does not take what a rival took between its read and its take, and reads again', async () => {
      trial.ledger.row = stored;
      let reads = 0;
      trial.ledger.afterRead = () => {
        reads += 1;
        if (reads === 1) trial.ledger.row = { ...stored, epoch: 8n, nextOffset: 600n };
      };
      await trial.partition().open(context);
      expect(reads).toBe(2);
      expect(trial.ledger.row).toMatchObject({ epoch: 9n, nextOffset: 600n });
    });

    it('takes nothing when the member finds itself out of the group after its read', async () => {
      trial.ledger.row = stored;
      const lost = { ...context, confirmMembership: () => Promise.reject(new Error('membership lost')) };
      await expect(trial.partition().open(lost)).rejects.toThrow('membership lost');
      expect(trial.ledger.row).toEqual(stored);
    });

    it('goes on where the former owner was when it took over, not where it was when it read', async () => {
      trial.ledger.row = stored;
      trial.log = { start: 0n, end: 2_000n, partitionCount: 6 };
      const last = { timestampMs: 1_549, identity: '/trial\nevent-549' };
      trial.ledger.afterRead = () => (trial.ledger.row = { ...stored, nextOffset: 550n, last });
      const partition = trial.partition();
      expect(await partition.open(context)).toEqual({ kind: 'open', fetchFrom: 450n, nextOffset: 550n });
      expect(await partition.handle(recordsAt(450, 560), signal)).toEqual({ kind: 'done' });
      expect(trial.attempted).toEqual(recordsAt(550, 560).map(({ offset }) => offset));
    });
  });

  it.each([
    ['the log no longer holds the position', { start: 501n }, 'no longer retained, the log starts at 501'],
    ['the position lies beyond the log', { end: 499n }, 'beyond the end of the log (499)'],
    ['the topic has another number of partitions', { partitionCount: 12 }, 'has 12 partitions, and had 6'],
  ])('halts and takes no epoch when %s', async (_case, change, reason) => {
    trial.ledger.row = stored;
    trial.log = { ...trial.log, ...change };
    expect(await trial.partition().open(context)).toMatchObject({
      kind: 'halt',
      reason: expect.stringContaining(reason) as string,
    });
    expect(trial.ledger.row).toEqual(stored);
  });

  it.each([
    ['begins just there', { start: 500n }],
    ['ends just there', { end: 500n }],
  ])('opens when the log %s', async (_case, change) => {
    trial.ledger.row = stored;
    trial.log = { ...trial.log, ...change };
    expect(await trial.partition().open(context)).toMatchObject({ kind: 'open' });
  });
});

describe('a partition that runs', () => {
  let trial: Trial;
  beforeEach(() => {
    trial = trialOf(new MemoryLedger());
    trial.ledger.row = stored;
  });

  it('halts when the record before its position is not the one it did last: the topic was made again', async () => {
    const partition = trial.partition({ repeatsWithin: 1n });
    await partition.open(context);
    expect(await partition.handle([recordAt(499, 'another'), recordAt(500)], signal)).toMatchObject({
      kind: 'halt',
      reason: expect.stringContaining('the topic was deleted and made again') as string,
    });
    expect(trial.attempted).toEqual([]);
  });

  it('halts when retention has taken records that it had not done', async () => {
    const partition = trial.partition();
    await partition.open(context);
    trial.log = { ...trial.log, start: 600n };
    expect(await partition.handle(recordsAt(600, 610), signal)).toMatchObject({
      kind: 'halt',
      reason: expect.stringContaining('offset 500 of trial/0 is gone, the log now starts at 600') as string,
    });
    expect(trial.attempted).toEqual([]);
  });

  it('halts before the first record of a key that lay elsewhere until partitions were added', async () => {
    const partition = trial.partition();
    await partition.open(context);
    expect(await partition.handle([keyedAt(500, 6)], signal)).toEqual({ kind: 'done' });
    trial.log = { ...trial.log, partitionCount: 7 };
    expect(await partition.handle([keyedAt(501, 6), keyedAt(502, 7)], signal)).toMatchObject({
      kind: 'halt',
      reason: expect.stringContaining('trial has 7 partitions, and had 6') as string,
    });
    expect(trial.ledger.row?.nextOffset).toBe(501n);
  });

  it('goes on with keys that another partitioner has put here, while the partitions are as many as before', async () => {
    const partition = trial.partition();
    await partition.open(context);
    expect(await partition.handle([keyedAt(500, 7), keyedAt(501, 7)], signal)).toEqual({ kind: 'done' });
  });

  it('goes on over a gap that transactions or compaction left', async () => {
    const partition = trial.partition();
    await partition.open(context);
    expect(await partition.handle(recordsAt(503, 505), signal)).toEqual({ kind: 'done' });
    expect(trial.ledger.row?.nextOffset).toBe(505n);
  });

  it('halts when the fetch was set back because the log ends before its position', async () => {
    const partition = trial.partition();
    await partition.open(context);
    await partition.handle(recordsAt(400, 510), signal);
    trial.log = { ...trial.log, end: 20n };
    expect(await partition.handle(recordsAt(0, 20), signal)).toMatchObject({
      kind: 'halt',
      reason: expect.stringContaining('beyond the end of the log (20)') as string,
    });
  });

  it('passes over records that come once more, and still recognises their repeats', async () => {
    const partition = trial.partition({ repeatsWithin: 20n });
    await partition.open(context);
    await partition.handle([...recordsAt(480, 505), recordAt(505, 'event-481')], signal);
    await partition.handle(recordsAt(480, 490), signal);
    await partition.handle([recordAt(506, 'event-481'), recordAt(507)], signal);
    expect(trial.ledger.effects).toEqual(
      [...recordsAt(500, 505), recordAt(507)].map(effectOf).toSpliced(5, 0, '505 event-481'),
    );
    expect(trial.ledger.row?.nextOffset).toBe(508n);
  });

  it('asks nothing about the log while records come one after the other, holds included', async () => {
    let asked = 0;
    const readExtent = () => {
      asked += 1;
      return Promise.resolve(trial.log);
    };
    const partition = trial.partition({ readExtent });
    await partition.open(context);
    trial.failing.set(505n, new Error('no'));
    await partition.handle(recordsAt(400, 510), signal);
    await partition.handle([keyedAt(505, 6), ...recordsAt(506, 510)], signal);
    trial.failing.clear();
    await partition.handle(recordsAt(505, 510), signal);
    expect([asked, trial.ledger.row?.nextOffset]).toEqual([1, 510n]);
  });
});
