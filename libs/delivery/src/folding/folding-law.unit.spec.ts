import type { LogRecord } from '@millrace/event';
import { diffIds, silentLogger } from '@millrace/testing';
import * as fc from 'fast-check';
import { RecordFailure } from '../effect-failure';
import { PermanentError } from '../errors';
import type { StoreFailure } from '../position-ledger';
import { MemoryDecisions } from '../test/memory-decisions';
import type { Effects } from '../test/memory-ledger';
import { MemoryLedger } from '../test/memory-ledger';
import { MemoryLot } from '../test/memory-lot';
import { Owners } from '../test/owners';
import { at, effectOf, recordAt } from '../test/trial-partition';
import { DEFAULT_FOLD_BOUNDS } from './fold-bounds';
import { FoldPartition } from './fold-partition';

type Step =
  | { readonly kind: 'feed'; readonly count: number }
  | { readonly kind: 'drain' | 'retry' | 'mend' | 'skip' | 'takeOver' }
  | { readonly kind: 'store'; readonly failure: StoreFailure }
  | { readonly kind: 'zombie'; readonly count: number };

const count = fc.integer({ min: 1, max: 9 });
const plain = (kind: 'drain' | 'retry' | 'mend' | 'skip' | 'takeOver') => fc.constant<Step>({ kind });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('feed' as const), count }) },
  { weight: 3, arbitrary: plain('drain') },
  { weight: 2, arbitrary: plain('mend') },
  plain('retry'),
  plain('skip'),
  plain('takeOver'),
  fc.record({
    kind: fc.constant('store' as const),
    failure: fc.constantFrom<StoreFailure>('unavailable', 'conflict', 'other'),
  }),
  fc.record({ kind: fc.constant('zombie' as const), count }),
);

/** Without its first look at the queues, which the law takes as steps of its own. */
const context = { confirmMembership: () => Promise.resolve(), signal: AbortSignal.abort() };
const { signal } = new AbortController();

/** A log in which some records cannot be folded until somebody mends the fold. */
class Trial {
  readonly ledger = new MemoryLedger();
  readonly lot = new MemoryLot(this.ledger);
  readonly decisions = new MemoryDecisions(this.ledger, this.lot);

  constructor(
    readonly log: readonly LogRecord[],
    readonly poison: Set<bigint>,
  ) {}

  partition(): FoldPartition<Effects> {
    return new FoldPartition<Effects>(at, {
      ...{ ledger: this.ledger, lot: this.lot, decisions: this.decisions, log: silentLogger },
      ...{ bounds: DEFAULT_FOLD_BOUNDS, start: 'earliest', repeatsWithin: 0n },
      backoff: { initialMs: 1, maxMs: 1 },
      readExtent: () => Promise.resolve({ start: 0n, end: BigInt(this.log.length), partitionCount: 1 }),
      prepare: () => Promise.resolve(),
      process: async (effects, records) => {
        for (const record of records) {
          if (this.poison.has(record.offset)) throw new RecordFailure(record, new PermanentError('no fold'));
          effects.push(effectOf(record));
        }
      },
    });
  }

  /** A fold is deployed that takes one more of the events that failed, and they are tried again. */
  mend(): void {
    const dead = this.lot.rows.find(({ state }) => state === 'dead');
    if (dead !== undefined) this.poison.delete(dead.record.offset);
    this.decisions.retry();
  }

  skip(): void {
    const dead = this.lot.rows.find(({ state }) => state === 'dead');
    if (dead !== undefined) this.decisions.skip(dead.record.offset);
  }
}

describe('the law of folding', () => {
  const record = fc.record({
    key: fc.integer({ min: 0, max: 3 }),
    poison: fc.boolean(),
  });
  const records = fc.array(record, { minLength: 1, maxLength: 40 });

  it('is that each event is folded, parked or skipped, once, in the order of its key, whoever fails and whoever owns', async () => {
    await fc.assert(
      fc.asyncProperty(records, fc.array(step, { maxLength: 40 }), async (drawn, steps) => {
        const log = drawn.map(({ key }, offset) => ({ ...recordAt(offset), key: Buffer.from(`key-${key}`) }));
        const poison = drawn.flatMap(({ poison: isOne }, offset) => (isOne ? [BigInt(offset)] : []));
        // A third of the events at most, so that something flows.
        const trial = new Trial(log, new Set(poison.filter((offset) => offset % 3n === 0n)));
        const owners = new Owners(log, () => trial.partition(), context);
        await owners.takeOver();
        for (const each of steps) {
          const owner = owners.present;
          if (each.kind === 'feed') await owners.feed(owner, each.count);
          if (each.kind === 'drain') await owner.partition.queues?.drainDue(signal);
          if (each.kind === 'retry') trial.decisions.retry();
          if (each.kind === 'mend') trial.mend();
          if (each.kind === 'skip') trial.skip();
          if (each.kind === 'store') trial.ledger.commitFailures.push(each.failure);
          if (each.kind === 'takeOver') await owners.takeOver();
          if (each.kind === 'zombie') {
            const { zombie } = owners;
            await zombie.partition.queues?.drainDue(signal);
            await owners.feed(zombie, each.count);
          }
          expectEachOnce(trial);
          expectOrder(trial);
        }
        trial.poison.clear();
        trial.ledger.commitFailures.length = 0;
        for (let round = 0; trial.ledger.row?.nextOffset !== BigInt(log.length) && round < 200; round++) {
          await owners.feed(owners.present, 7);
        }
        trial.decisions.retry();
        await owners.present.partition.queues?.drainDue(signal);
        expectEachOnce(trial);
        expectOrder(trial);
        expect(trial.lot.rows).toEqual([]);
        expect([...trial.lot.fences.keys()]).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

/** What lies below the position is folded, parked or skipped: one of the three, and once. */
function expectEachOnce({ log, ledger, lot, decisions }: Trial): void {
  const passed = log.slice(0, Number(ledger.row?.nextOffset)).map(effectOf);
  const parked = lot.rows.map(({ record }) => effectOf(record));
  const found = [...ledger.effects, ...parked];
  const skipped = log.filter(({ offset }) => decisions.skips.has(offset)).map(effectOf);
  const missing = passed.filter((each) => !found.includes(each) && !skipped.includes(each));
  expect(diffIds(passed, [...found, ...skipped.filter((each) => !found.includes(each))])).toEqual({
    missing: [],
    extra: [],
  });
  expect(missing).toEqual([]);
  expect(new Set(found).size).toBe(found.length);
}

function expectOrder({ log, ledger, lot }: Trial): void {
  for (const key of new Set(log.map(({ key: of }) => of?.toString()))) {
    const ofKey = log.filter((record) => record.key?.toString() === key);
    const names = ofKey.map(effectOf);
    const done = ledger.effects.filter((effect) => names.includes(effect));
    expect(done).toEqual(names.filter((name) => done.includes(name)));
    // Whatever is parked lies behind whatever is folded: nothing overtakes it.
    const first = lot.rows.filter(({ record }) => ofKey.includes(record)).map(({ record }) => record.offset);
    const last = ofKey.findLast((record) => done.includes(effectOf(record)))?.offset ?? -1n;
    expect(first.every((offset) => offset > last)).toBe(true);
  }
}
