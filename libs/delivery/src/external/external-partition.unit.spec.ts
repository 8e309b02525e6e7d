import { setImmediate as turn } from 'node:timers/promises';
import type { LogRecord } from '@millrace/event';
import { silentLogger, waitFor } from '@millrace/testing';
import { defineConsumerGroup } from '../consumer-group';
import { PermanentError } from '../errors';
import { DependencyBreaker } from '../lanes/dependency-breaker';
import { noPartitionObserver } from '../partition-observer';
import type { Effects } from '../test/memory-ledger';
import { MemoryLedger } from '../test/memory-ledger';
import { MemoryLot } from '../test/memory-lot';
import { at, recordAt } from '../test/trial-partition';
import type { CallContext } from './external-call';
import { ExternalPartition } from './external-partition';

let handed: AbortController;
const context = { confirmMembership: () => Promise.resolve(), signal: AbortSignal.abort() };

/** One partition whose calls end when the test says so. */
class Trial {
  readonly ledger = new MemoryLedger();
  readonly lot = new MemoryLot(this.ledger);
  readonly called: number[] = [];
  readonly contexts: CallContext[] = [];
  readonly failing = new Map<number, Error>();
  readonly open = new Map<number, PromiseWithResolvers<void>>();
  readonly breaker = new DependencyBreaker({
    ...{ dependency: 'outside', threshold: 3, halfOpenAfter: { initialMs: 20, maxMs: 20 } },
    countsAsFailure: (error) => !(error instanceof PermanentError),
  });
  readonly partition: ExternalPartition<Effects>;
  retries = 0;

  constructor(attempts = 1) {
    this.partition = new ExternalPartition<Effects>(at, {
      group: defineConsumerGroup({
        ...{ name: 'trial', kind: 'external', handles: [{ type: 'trial', topic: 'trial' }] },
        repeatsWithinOffsets: 10,
        retry: { attempts, initialMs: 0.001, maxMs: 0.001 },
        parking: { attempts: 5, initialMs: 1, maxMs: 1 },
        calls: { concurrency: 8, timeoutMs: 300 },
      }),
      ...{ ledger: this.ledger, lot: this.lot, log: silentLogger, breaker: this.breaker },
      observer: { ...noPartitionObserver, retried: () => (this.retries += 1) },
      readExtent: () => Promise.resolve({ start: 0n, end: 1_000n, partitionCount: 1 }),
      offsetAt: () => Promise.resolve(0n),
      prepare: () => Promise.resolve(),
      call: async (record, given) => {
        const offset = Number(record.offset);
        this.contexts.push(given);
        await this.open.get(offset)?.promise;
        const error = this.failing.get(offset);
        if (error !== undefined) throw error;
        this.called.push(offset);
      },
    });
  }

  /** The call of this record ends only with `finish`. */
  keepOpen(offset: number): void {
    this.open.set(offset, Promise.withResolvers());
  }

  finish(offset: number): void {
    this.open.get(offset)?.resolve();
    this.open.delete(offset);
  }

  get position(): number {
    return Number(this.ledger.row?.nextOffset);
  }

  async done(...offsets: number[]): Promise<void> {
    await waitFor(`the calls ${offsets.join(', ')}`, () =>
      offsets.every((each) => this.called.includes(each)),
    );
    // What a lane does once its call has ended.
    await turn();
  }
}

function keyed(offset: number, key: string): LogRecord {
  return { ...recordAt(offset), key: Buffer.from(key) };
}

describe('a partition whose handlers call the outside', () => {
  beforeEach(() => {
    handed = new AbortController();
  });
  // What still waits for room would go on looking.
  afterEach(() => handed.abort());

  it('calls for different keys at once, for one key in order, and its position follows the first that is not done', async () => {
    const trial = new Trial();
    trial.keepOpen(0);
    await trial.partition.open(context);
    await trial.partition.handle([keyed(0, 'a'), keyed(1, 'b'), keyed(2, 'a'), keyed(3, 'c')], handed.signal);
    await trial.done(1, 3);
    await trial.partition.follow();
    expect(trial.position).toBe(0);
    expect(trial.called).toEqual([1, 3]);
    trial.finish(0);
    await trial.done(0, 2);
    await trial.partition.follow();
    expect(trial.called).toEqual([1, 3, 0, 2]);
    expect(trial.position).toBe(4);
  });

  // 0 is parked and drained, and its fence taken away, while 2 still waits to be written behind it: 1 keeps the position back.
  it('a record that was told to wait is not overtaken when its fence is taken away before it is stored', async () => {
    const trial = new Trial();
    trial.failing.set(0, new Error('no'));
    await trial.partition.open(context);
    await trial.partition.handle([keyed(0, 'a')], handed.signal);
    await waitFor('it to be parked', async () => {
      await trial.partition.follow();
      return trial.lot.rows.length === 1;
    });
    trial.keepOpen(1);
    await trial.partition.handle([keyed(1, 'b'), keyed(2, 'a')], handed.signal);
    trial.failing.clear();
    await trial.partition.queues.drainDue(handed.signal);
    expect(trial.called).toEqual([0]);
    expect(trial.lot.fences.size).toBe(0);
    await trial.partition.handle([keyed(3, 'a')], handed.signal);
    await turn();
    expect(trial.called).toEqual([0]);
    trial.finish(1);
    await trial.done(1);
    await waitFor('the position', async () => {
      await trial.partition.follow();
      return trial.position === 4;
    });
    await trial.partition.queues.drainDue(handed.signal);
    expect(trial.called).toEqual([0, 1, 2, 3]);
    expect(trial.lot.rows).toEqual([]);
  });

  it('waits, parks nothing and spends no attempt while its dependency is down, and goes on when it is back', async () => {
    const trial = new Trial(3);
    const records = Array.from({ length: 20 }, (_, offset) => keyed(offset, `key-${offset}`));
    for (const { offset } of records) trial.failing.set(Number(offset), new Error('connection refused'));
    const states = new Set<string>();
    await trial.partition.open(context);
    await trial.partition.handle(records, handed.signal);
    await waitFor('the breaker to have probed', () => {
      states.add(trial.breaker.state);
      return trial.breaker.state === 'open' && trial.contexts.length > 12;
    });
    await trial.partition.follow();
    expect(trial.lot.rows).toEqual([]);
    trial.failing.clear();
    await trial.done(...records.map(({ offset }) => Number(offset)));
    await trial.partition.follow();
    expect(trial.position).toBe(20);
    expect(trial.lot.rows).toEqual([]);
    expect(trial.breaker.state).toBe('closed');
    expect(Math.max(...trial.contexts.map(({ attempt }) => attempt))).toBeLessThan(3);
  });

  it('tells its observer of each try that will be made again, in its lane and from its queue', async () => {
    const trial = new Trial(3);
    trial.failing.set(0, new Error('no'));
    await trial.partition.open(context);
    await trial.partition.handle([keyed(0, 'a')], handed.signal);
    await waitFor('it to be parked', async () => {
      await trial.partition.follow();
      return trial.lot.rows.length === 1;
    });
    expect(trial.retries).toBe(2);
    // Five more tries, and after the last it is a dead letter.
    await trial.partition.queues.drainDue(handed.signal);
    expect(trial.contexts.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(trial.retries).toBe(6);
  });

  it('gives a call that takes too long up, and tries the record again', async () => {
    const trial = new Trial(2);
    trial.keepOpen(0);
    await trial.partition.open(context);
    await trial.partition.handle([keyed(0, 'a')], handed.signal);
    await waitFor('the second try', () => trial.contexts.length === 2);
    expect(trial.contexts[0]?.signal.aborted).toBe(true);
    expect(String(trial.contexts[0]?.signal.reason)).toContain('did not end within 300 ms');
    trial.finish(0);
    await trial.done(0);
  });

  it('takes no more than there is room for, gives the rest back, and says when there is room again', async () => {
    const trial = new Trial();
    await trial.partition.open(context);
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
    const trial = new Trial();
    await trial.partition.open(context);
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

  it('takes no more than 32 MiB of values at once, and one record however large', async () => {
    const trial = new Trial();
    await trial.partition.open(context);
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

  it('lets calls that are under way end when it is closed, commits them, and begins no other', async () => {
    const trial = new Trial();
    trial.keepOpen(0);
    await trial.partition.open(context);
    await trial.partition.handle([keyed(0, 'a'), keyed(1, 'a'), keyed(2, 'a')], handed.signal);
    const closed = trial.partition.close(5_000, new Error('taken away'));
    trial.finish(0);
    await closed;
    expect(trial.called).toEqual([0]);
    expect(trial.position).toBe(1);
  });

  it('aborts calls that do not end in time when it is closed, and leaves them to the next owner', async () => {
    const trial = new Trial();
    trial.keepOpen(0);
    await trial.partition.open(context);
    await trial.partition.handle([keyed(0, 'a')], handed.signal);
    await trial.partition.close(1, new Error('taken away'));
    expect(trial.contexts[0]?.signal.reason).toEqual(new Error('taken away'));
    expect(trial.position).toBe(0);
  });

  it('is fenced once a rival has taken the partition: it begins no more calls', async () => {
    const trial = new Trial();
    await trial.partition.open(context);
    trial.ledger.row = { ...trial.ledger.row!, epoch: 9n };
    await trial.partition.handle([keyed(0, 'a')], handed.signal);
    await trial.done(0);
    await trial.partition.follow();
    expect(await trial.partition.handle([keyed(1, 'a')], handed.signal)).toMatchObject({ kind: 'fenced' });
    expect(trial.called).toEqual([0]);
  });
});
