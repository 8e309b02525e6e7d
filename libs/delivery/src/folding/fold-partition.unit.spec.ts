import type { LogRecord } from '@millrace/event';
import { silentLogger, waitFor } from '@millrace/testing';
import { PermanentError, QueueFullError } from '../errors';
import { RecordFailure } from '../effect-failure';
import { MemoryDecisions } from '../test/memory-decisions';
import type { Effects } from '../test/memory-ledger';
import { MemoryLedger } from '../test/memory-ledger';
import { MemoryLot } from '../test/memory-lot';
import { at, effectOf, recordAt } from '../test/trial-partition';
import { DEFAULT_FOLD_BOUNDS, problemsOfFoldBounds } from './fold-bounds';
import { FoldPartition } from './fold-partition';

const keyed = (offset: number, key: string | null, bytes = 0): LogRecord => ({
  ...recordAt(offset),
  key: key === null ? null : Buffer.from(key),
  value: Buffer.alloc(bytes),
});

describe('a partition that is folded', () => {
  const ended: AbortController[] = [];
  afterEach(() => ended.splice(0).forEach((each) => each.abort()));

  async function open(
    options: {
      parks?: boolean;
      bounds?: object;
      error?: Error;
      during?: () => Promise<void>;
      forget?: () => void;
    } = {},
  ) {
    const ledger = new MemoryLedger();
    const lot = new MemoryLot(ledger);
    const decisions = new MemoryDecisions(ledger, lot);
    const poison = new Set<bigint>();
    const logged: object[] = [];
    const log = { ...silentLogger, warn: (fields: object) => logged.push(fields) };
    const partition = new FoldPartition<Effects>(at, {
      ...{ ledger, decisions, log, start: 'earliest', repeatsWithin: 10n },
      ...(options.parks === false ? {} : { lot }),
      bounds: { ...DEFAULT_FOLD_BOUNDS, ...options.bounds },
      backoff: { initialMs: 1, maxMs: 1 },
      readExtent: () => Promise.resolve({ start: 0n, end: 100n, partitionCount: 1 }),
      prepare: () => Promise.resolve(),
      ...(options.forget === undefined ? {} : { forget: options.forget }),
      process: async (effects, records) => {
        await options.during?.();
        for (const record of records) {
          const error = options.error ?? new PermanentError('the fold threw: secret 4711');
          if (poison.has(record.offset)) throw new RecordFailure(record, error);
          effects.push(effectOf(record));
        }
      },
    });
    const assignment = new AbortController();
    ended.push(assignment);
    const context = { confirmMembership: () => Promise.resolve(), signal: assignment.signal };
    await partition.open(context);
    const handle = (...records: LogRecord[]) => partition.handle(records, assignment.signal);
    return { ledger, lot, decisions, poison, logged, partition, context, handle };
  }

  it('forgets nothing of what is being folded when it is opened again', async () => {
    const steps: string[] = [];
    const folding = Promise.withResolvers<undefined>();
    const { partition, context, handle } = await open({
      forget: () => steps.push('forgotten'),
      during: async () => {
        steps.push('begun');
        await folding.promise;
        steps.push('written');
      },
    });
    const handled = handle(keyed(0, 'a'));
    await waitFor('the fold to begin', () => Promise.resolve(steps.includes('begun')));
    const opened = partition.open(context);
    folding.resolve(undefined);
    await Promise.all([handled, opened]);
    expect(steps).toEqual(['forgotten', 'begun', 'written', 'forgotten']);
  });

  it('parks the key of an event that fails at once, queues what follows, and goes on with other keys', async () => {
    const { ledger, lot, poison, logged, handle } = await open();
    poison.add(1n);
    const outcome = await handle(keyed(0, 'a'), keyed(1, 'a'), keyed(2, 'b'), keyed(3, 'a'), keyed(4, 'b'));
    expect(outcome).toEqual({ kind: 'done' });
    expect(ledger.row?.nextOffset).toBe(5n);
    expect(ledger.effects).toEqual([0, 2, 4].map((offset) => `${offset} event-${offset}`));
    expect(lot.rows.map(({ record, state }) => [record.offset, state])).toEqual([
      [1n, 'dead'],
      [3n, 'queued'],
    ]);
    // Its words may hold what a payload holds.
    expect(logged).toEqual([{ reader: 'group/trial', ...at, offset: '1', error: 'PermanentError' }]);
  });

  it('folds a queue in order once it is tried again and the fold takes it, and the key flows', async () => {
    const { ledger, decisions, lot, poison, handle } = await open();
    poison.add(0n);
    await handle(keyed(0, 'a'), keyed(1, 'a'), keyed(2, 'b'));
    poison.clear();
    decisions.retry();
    await waitFor('the queue to be folded', () => lot.fences.size === 0, 5_000);
    await handle(keyed(3, 'a'));
    expect(ledger.effects.map((effect) => effect.split(' ')[0])).toEqual(['2', '0', '1', '3']);
  });

  it('keeps a key parked whose event fails again, at the event that fails now', async () => {
    const { ledger, decisions, lot, poison, handle } = await open();
    poison.add(0n).add(1n);
    await handle(keyed(0, 'a'), keyed(1, 'a'), keyed(2, 'a'));
    poison.delete(0n);
    decisions.retry();
    await waitFor('the first to be folded', () => ledger.effects.length === 1, 5_000);
    await waitFor('the second to fail', () => lot.fences.get('ka') === 'dead', 5_000);
    expect(lot.rows.map(({ record, state }) => [record.offset, state])).toEqual([
      [1n, 'dead'],
      [2n, 'queued'],
    ]);
  });

  it('goes on without an event that is skipped: parked already, or met later', async () => {
    const { ledger, decisions, lot, poison, partition, context, handle } = await open();
    poison.add(0n).add(4n);
    await handle(keyed(0, 'a'), keyed(1, 'a'));
    decisions.skip(0n);
    await waitFor('the queue to be folded', () => lot.fences.size === 0, 5_000);
    decisions.skip(4n);
    await partition.open(context);
    await handle(keyed(2, 'a'), keyed(3, 'b'), keyed(4, 'b'), keyed(5, 'b'));
    expect(ledger.effects.map((effect) => effect.split(' ')[0])).toEqual(['1', '2', '3', '5']);
    expect(lot.rows).toEqual([]);
  });

  it('folds queues and the log one after the other, never beside each other', async () => {
    const folding = { now: 0, most: 0 };
    const held = Promise.withResolvers<undefined>();
    let isHeld = false;
    const during = async () => {
      folding.now += 1;
      folding.most = Math.max(folding.most, folding.now);
      if (isHeld) await held.promise;
      folding.now -= 1;
    };
    const { decisions, lot, poison, handle } = await open({ during });
    poison.add(0n);
    await handle(keyed(0, 'a'));
    poison.clear();
    isHeld = true;
    const handled = handle(keyed(1, 'b'));
    await waitFor('the log to be folded', () => folding.now === 1, 5_000);
    decisions.retry();
    // Longer than the owner waits between two looks at its queues.
    await expect(
      waitFor('a fold beside it', () => folding.now === 2 || lot.fences.size === 0, 1_500),
    ).rejects.toThrow('a fold beside it');
    isHeld = false;
    held.resolve(undefined);
    await handled;
    await waitFor('the queue to be folded', () => lot.fences.size === 0, 5_000);
    expect(folding.most).toBe(1);
  });

  it('stands still where no key can be parked, says why, and goes on when that is asked for', async () => {
    const { ledger, decisions, poison, partition, context, handle } = await open({ parks: false });
    poison.add(1n);
    const outcome = await handle(keyed(0, 'a'), keyed(1, 'b'), keyed(2, 'c'));
    expect(outcome).toMatchObject({
      kind: 'halt',
      reason: expect.stringMatching(
        /trial\/0\/1: the fold threw.*deploy a fold that takes the event, or skip it/,
      ) as string,
    });
    expect(ledger.row?.nextOffset).toBe(1n);
    await waitFor('the halt to be noted', () => decisions.isHalted, 5_000);
    expect(decisions.halted?.offset).toBe(1n);
    let isOver = false;
    const over = (outcome.kind === 'halt' ? outcome.over : undefined)?.then(() => (isOver = true));
    expect(isOver).toBe(false);
    decisions.skip(1n);
    await over;
    await partition.open(context);
    expect(await handle(keyed(1, 'b'), keyed(2, 'c'))).toEqual({ kind: 'done' });
    expect(ledger.effects.map((effect) => effect.split(' ')[0])).toEqual(['0', '2']);
  });

  it('stands still before a record without a key that fails', async () => {
    const { poison, handle } = await open();
    poison.add(0n);
    expect(await handle(keyed(0, null))).toMatchObject({
      kind: 'halt',
      reason: expect.stringContaining('the record has no key that could be parked') as string,
    });
  });

  it('waits for what says that it may pass, and parks nothing for it', async () => {
    const passing = new QueueFullError(at, 'as many');
    const { lot, poison, handle } = await open({ error: passing, parks: false });
    poison.add(0n);
    expect(await handle(keyed(0, 'a'))).toMatchObject({ kind: 'hold' });
    expect(lot.rows).toEqual([]);
  });

  it('stands still at each of its bounds, and goes on when there is room', async () => {
    const keys = await open({ bounds: { maxKeys: 1 } });
    keys.poison.add(0n).add(1n);
    expect(await keys.handle(keyed(0, 'a'), keyed(1, 'b'))).toMatchObject({
      kind: 'halt',
      reason: expect.stringContaining('1 keys are parked already') as string,
    });
    const bytes = await open({ bounds: { maxBytes: 10 } });
    bytes.poison.add(0n);
    expect(await bytes.handle(keyed(0, 'a', 4), keyed(1, 'a', 4), keyed(2, 'a', 4))).toMatchObject({
      kind: 'halt',
      reason: expect.stringContaining('10 bytes') as string,
    });
    const records = await open({ bounds: { maxRecords: 2 } });
    records.poison.add(0n);
    const outcome = await records.handle(keyed(0, 'a'), keyed(1, 'a'), keyed(2, 'a'));
    expect(outcome).toMatchObject({ kind: 'halt', reason: expect.stringContaining('2 records') as string });
    expect(records.ledger.row?.nextOffset).toBe(2n);
    records.poison.clear();
    records.decisions.retry();
    await (outcome.kind === 'halt' ? outcome.over : undefined);
    await records.partition.open(records.context);
    await records.handle(keyed(2, 'a'));
    await waitFor('all of them', () => records.ledger.effects.length === 3, 5_000);
    expect(records.ledger.effects.map((effect) => effect.split(' ')[0])).toEqual(['0', '1', '2']);
  });

  it('stands still when most keys fail: then the fold is at fault', async () => {
    const { poison, handle } = await open();
    const log = Array.from({ length: 100 }, (_, offset) => keyed(offset, `key-${offset}`));
    for (const { offset } of log) poison.add(offset);
    expect(await handle(...log)).toMatchObject({
      kind: 'halt',
      reason: expect.stringContaining('more than the share of 0.1 that may be parked') as string,
    });
  });
});

describe('the bounds of what is parked', () => {
  it('are whole numbers from 1', () => {
    expect(problemsOfFoldBounds(DEFAULT_FOLD_BOUNDS)).toEqual([]);
    expect(problemsOfFoldBounds({ maxKeys: 0, maxBytes: 1.5 })).toEqual([
      'its parking.maxKeys must be a whole number from 1',
      'its parking.maxBytes must be a whole number from 1',
    ]);
  });
});
