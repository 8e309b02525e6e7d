import { jest } from '@jest/globals';
import { recordAt, recordsAt, context, effectOf, signal, trialOf } from './test/trial-partition';
import type { Trial } from './test/trial-partition';
import { MemoryLedger, StoreError } from './test/memory-ledger';

describe('a partition whose position lives with its effects', () => {
  let trial: Trial;
  beforeEach(() => (trial = trialOf(new MemoryLedger())));

  const effectsOf = (from: number, to: number) => recordsAt(from, to).map(effectOf);

  it('commits the effects of a run of records and their position together, once', async () => {
    const partition = trial.partition();
    expect(await partition.open(context)).toEqual({ kind: 'open', fetchFrom: 0n, nextOffset: 0n });
    expect(await partition.handle(recordsAt(0, 32), signal)).toEqual({ kind: 'done' });
    expect(trial.ledger.commits).toBe(1);
    expect(trial.ledger.row).toMatchObject({
      nextOffset: 32n,
      last: { timestampMs: 1_031, identity: '/trial\nevent-31' },
    });
    expect(trial.ledger.effects).toEqual(effectsOf(0, 32));
  });

  it('gets on with slow effects, although it is taken away long before all that was fetched is done', async () => {
    jest.useFakeTimers();
    try {
      for (let assignment = 1; assignment <= 5; assignment++) {
        const taken = new AbortController();
        setTimeout(() => taken.abort(), 6_000);
        const partition = trial.partition({
          process: async (effects, records, stop) => {
            for (const record of records) {
              stop.throwIfAborted();
              jest.advanceTimersByTime(100);
              effects.push(effectOf(record));
            }
          },
        });
        await partition.open(context);
        const from = Number(trial.ledger.row?.nextOffset);
        await partition.handle(recordsAt(from, from + 1_000), taken.signal);
      }
      expect(trial.ledger.effects.length).toBeGreaterThan(200);
      expect(trial.ledger.effects).toEqual(effectsOf(0, trial.ledger.effects.length));
    } finally {
      jest.useRealTimers();
    }
  });

  it('says how far it is after each group commit, while the rest of the records are with it', async () => {
    const seen: (bigint | undefined)[] = [];
    const partition = trial.partition({
      process: async () => void seen.push(partition.nextOffset),
    });
    await partition.open(context);
    await partition.handle(recordsAt(0, 100), signal);
    expect(seen).toEqual([0n, 32n, 96n]);
    expect(partition.nextOffset).toBe(100n);
  });

  describe('when a run of records fails', () => {
    it('runs it record by record, holds at the one that fails, and keeps what went before', async () => {
      const partition = trial.partition();
      await partition.open(context);
      trial.failing.set(3n, new Error('no such airport'));
      expect(await partition.handle(recordsAt(0, 10), signal)).toMatchObject({
        kind: 'hold',
        nextOffset: 3n,
        reason: 'group/trial at trial/0/3, try 1: no such airport',
      });
      expect(trial.ledger.effects).toEqual(effectsOf(0, 3));
    });

    it('never passes the record that fails, however often it comes', async () => {
      const partition = trial.partition();
      await partition.open(context);
      trial.failing.set(0n, new Error('no'));
      for (let round = 1; round <= 20; round++) {
        const outcome = await partition.handle(recordsAt(0, 10), signal);
        expect(outcome).toMatchObject({ kind: 'hold', nextOffset: 0n });
      }
      expect(trial.ledger.effects).toEqual([]);
      trial.failing.clear();
      expect(await partition.handle(recordsAt(0, 10), signal)).toEqual({ kind: 'done' });
      expect(trial.ledger.effects).toEqual(effectsOf(0, 10));
    });

    it('counts tries of the record, starting anew behind a success', async () => {
      const partition = trial.partition();
      await partition.open(context);
      const reasonOf = async (from: number) => {
        const outcome = await partition.handle(recordsAt(from, 10), signal);
        return outcome.kind === 'hold' ? outcome.reason : outcome.kind;
      };
      trial.failing.set(2n, new Error('no'));
      await reasonOf(0);
      expect(await reasonOf(2)).toContain('trial/0/2, try 2');
      trial.failing.clear();
      trial.failing.set(5n, new Error('no'));
      expect(await reasonOf(2)).toContain('trial/0/5, try 1');
    });

    it('halts at a record whose error no waiting can mend', async () => {
      const partition = trial.partition({ judge: () => ({ kind: 'halt' }) });
      await partition.open(context);
      trial.failing.set(2n, new Error('unknown type'));
      expect(await partition.handle(recordsAt(0, 5), signal)).toEqual({
        kind: 'halt',
        reason: 'group/trial at trial/0/2: unknown type',
      });
      expect(trial.ledger.row?.nextOffset).toBe(2n);
    });

    it('gives the run up, without trying its records, once the partition is taken away', async () => {
      const partition = trial.partition();
      await partition.open(context);
      const lost = new AbortController();
      trial.failing.set(0n, new Error('aborted'));
      lost.abort();
      await partition.handle(recordsAt(0, 5), lost.signal);
      expect(trial.ledger.commits).toBe(1);
    });
  });

  it('tries conflicts again at once, and they spend no attempt', async () => {
    const partition = trial.partition();
    await partition.open(context);
    trial.ledger.commitFailures.push('conflict', 'conflict', 'conflict', 'conflict');
    expect(await partition.handle(recordsAt(0, 3), signal)).toEqual({ kind: 'done' });
    expect(trial.ledger.effects).toEqual(effectsOf(0, 3));
  });

  it('holds the whole run, and does not run it record by record, while the store cannot be reached', async () => {
    const partition = trial.partition({ judge: () => ({ kind: 'halt' }) });
    await partition.open(context);
    trial.ledger.commitFailures.push('unavailable');
    expect(await partition.handle(recordsAt(0, 3), signal)).toMatchObject({ kind: 'hold', nextOffset: 0n });
    expect(trial.ledger.commits).toBe(1);
    expect(await partition.handle(recordsAt(0, 3), signal)).toEqual({ kind: 'done' });
    expect(trial.ledger.effects).toEqual(effectsOf(0, 3));
  });

  it('holds when what the records need cannot be fetched', async () => {
    const partition = trial.partition({ prepare: () => Promise.reject(new Error('registry away')) });
    await partition.open(context);
    expect(await partition.handle(recordsAt(0, 3), signal)).toMatchObject({ kind: 'hold', nextOffset: 0n });
  });

  it('is fenced, and its effects never run, once a rival has taken the partition', async () => {
    const older = trial.partition();
    await older.open(context);
    await trial.partition().open(context);
    expect(await older.handle(recordsAt(0, 3), signal)).toMatchObject({ kind: 'fenced' });
    expect(trial.attempted).toEqual([]);
  });

  it('waits between tries for a time below the bound that doubles with each', async () => {
    const partition = trial.partition();
    await partition.open(context);
    trial.failing.set(0n, new StoreError('other'));
    for (const boundMs of [100, 200, 400, 800, 1_000, 1_000]) {
      const outcome = await partition.handle([recordAt(0)], signal);
      const delayMs = outcome.kind === 'hold' ? outcome.delayMs : Number.NaN;
      expect(delayMs).toBeLessThanOrEqual(boundMs);
      expect(delayMs).toBeGreaterThanOrEqual(0);
    }
  });

  it('halts as its judge says, for as long as it says, and starts over when it is opened again', async () => {
    const fixed = Promise.withResolvers<undefined>();
    const partition = trial.partition({
      judge: ({ attempt }) =>
        attempt < 2 ? { kind: 'hold', delayMs: 0 } : { kind: 'halt', over: fixed.promise },
    });
    await partition.open(context);
    trial.failing.set(1n, new Error('no such airport'));
    expect(await partition.handle(recordsAt(0, 3), signal)).toMatchObject({ kind: 'hold', nextOffset: 1n });
    const halt = { kind: 'halt', reason: 'group/trial at trial/0/1: no such airport', over: fixed.promise };
    expect(await partition.handle(recordsAt(1, 3), signal)).toEqual(halt);
    expect(await partition.open(context)).toEqual({ kind: 'open', fetchFrom: 0n, nextOffset: 1n });
    expect(await partition.handle(recordsAt(0, 3), signal)).toMatchObject({ kind: 'hold', nextOffset: 1n });
    trial.failing.clear();
    expect(await partition.handle(recordsAt(1, 3), signal)).toEqual({ kind: 'done' });
    expect(trial.ledger.effects).toEqual(effectsOf(0, 3));
  });

  describe('repeats', () => {
    it('are skipped within the declared distance, and not beyond it', async () => {
      const partition = trial.partition({ repeatsWithin: 3n });
      await partition.open(context);
      await partition.handle(
        [recordAt(0, 'a'), recordAt(1, 'b'), recordAt(3, 'a'), recordAt(7, 'a')],
        signal,
      );
      expect(trial.ledger.effects).toEqual(['0 a', '1 b', '7 a']);
    });

    it('are recognised by the next owner, who reads the distance before the position again', async () => {
      const first = trial.partition({ repeatsWithin: 5n });
      await first.open(context);
      await first.handle([...recordsAt(0, 9), recordAt(9, 'a')], signal);
      const next = trial.partition({ repeatsWithin: 5n });
      expect(await next.open(context)).toEqual({ kind: 'open', fetchFrom: 5n, nextOffset: 10n });
      await next.handle([...recordsAt(5, 9), recordAt(9, 'a'), recordAt(10, 'a'), recordAt(11, 'b')], signal);
      expect(trial.ledger.effects.slice(9)).toEqual(['9 a', '11 b']);
    });

    it('are recognised as before when the partition is opened again after a halt', async () => {
      const judge = () => ({ kind: 'halt' }) as const;
      const partition = trial.partition({ judge, repeatsWithin: 3n });
      await partition.open(context);
      const records = [recordAt(0, 'a'), recordAt(1, 'b'), recordAt(2, 'c'), recordAt(3, 'a')];
      trial.failing.set(2n, new Error('no'));
      await partition.handle(records, signal);
      trial.failing.clear();
      expect(await partition.open(context)).toMatchObject({ fetchFrom: 0n, nextOffset: 2n });
      await partition.handle([...records, recordAt(5, 'b'), recordAt(6, 'a')], signal);
      // The last one lies within the distance of the repeat before it, which counts although it did nothing.
      expect(trial.ledger.effects).toEqual(['0 a', '1 b', '2 c', '5 b']);
    });

    it('are judged the same when the records come again after a hold', async () => {
      const partition = trial.partition();
      await partition.open(context);
      const records = [recordAt(0, 'a'), recordAt(1, 'b'), recordAt(2, 'a')];
      trial.failing.set(1n, new Error('no'));
      await partition.handle(records, signal);
      await partition.handle(records.slice(1), signal);
      trial.failing.clear();
      await partition.handle(records.slice(1), signal);
      expect(trial.ledger.effects).toEqual(['0 a', '1 b']);
    });
  });
});
