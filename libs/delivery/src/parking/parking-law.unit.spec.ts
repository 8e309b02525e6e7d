import type { LogRecord } from '@millrace/event';
import { diffIds, silentLogger } from '@millrace/testing';
import * as fc from 'fast-check';
import { defineConsumerGroup } from '../consumer-group';
import { RecordFailure } from '../effect-failure';
import { PermanentError } from '../errors';
import { GroupPartition } from '../group-partition';
import type { StoreFailure } from '../position-ledger';
import type { Effects } from '../test/memory-ledger';
import { MemoryLedger } from '../test/memory-ledger';
import { MemoryLot } from '../test/memory-lot';
import { Owners } from '../test/owners';
import { at, effectOf, recordAt } from '../test/trial-partition';

type Step =
  | { readonly kind: 'feed'; readonly count: number }
  | { readonly kind: 'drain' }
  | { readonly kind: 'store'; readonly failure: StoreFailure }
  | { readonly kind: 'takeOver' }
  | { readonly kind: 'zombie'; readonly count: number };

/** How often a record fails before it succeeds, or that it never will and says so. */
type Fate = number | 'permanent';

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('feed' as const), count: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'drain' as const }) },
  fc.record({
    kind: fc.constant('store' as const),
    failure: fc.constantFrom<StoreFailure>('unavailable', 'conflict', 'other'),
  }),
  fc.constant({ kind: 'takeOver' as const }),
  fc.record({ kind: fc.constant('zombie' as const), count: fc.integer({ min: 1, max: 9 }) }),
);

const RETRIES = 2;
const DRAINS = 2;
/** Without its first look at the queues, which the law takes as steps of its own. */
const context = { confirmMembership: () => Promise.resolve(), signal: AbortSignal.abort() };
const { signal } = new AbortController();

class Trial {
  readonly ledger = new MemoryLedger();
  readonly lot = new MemoryLot(this.ledger);
  private readonly group;

  constructor(
    readonly log: readonly LogRecord[],
    private readonly fates: Map<bigint, Fate>,
    readonly deadKey: 'fence' | 'release',
  ) {
    this.group = defineConsumerGroup({
      name: 'trial',
      handles: [{ type: 'trial', topic: 'trial' }],
      repeatsWithinOffsets: 0,
      retry: { attempts: RETRIES, initialMs: 1, maxMs: 1 },
      parking: { attempts: DRAINS, initialMs: 1, maxMs: 1, maxKeyShare: 1, maxRecords: 1_000 },
      deadKey,
    });
  }

  partition(): GroupPartition<Effects> {
    return new GroupPartition<Effects>(at, {
      ...{ group: this.group, ledger: this.ledger, lot: this.lot, log: silentLogger },
      copies: { check: () => Promise.resolve({ kind: 'ours' }), noteCopy: () => Promise.resolve() },
      readExtent: () => Promise.resolve({ start: 0n, end: BigInt(this.log.length), partitionCount: 1 }),
      offsetAt: () => Promise.resolve(0n),
      prepare: () => Promise.resolve(),
      process: async (effects, records) => {
        for (const record of records) {
          this.fail(record);
          effects.push(effectOf(record));
        }
      },
    });
  }

  /** Everything that is asked for fails no more. */
  mend(): void {
    for (const [offset, fate] of this.fates) if (fate !== 'permanent') this.fates.delete(offset);
    this.ledger.commitFailures.length = 0;
  }

  private fail(record: LogRecord): void {
    const fate = this.fates.get(record.offset);
    if (fate === 'permanent') throw new RecordFailure(record, new PermanentError('never'));
    if (fate === undefined || fate === 0) return;
    this.fates.set(record.offset, fate - 1);
    throw new RecordFailure(record, new Error('not now'));
  }
}

describe('the law of parking', () => {
  const key = fc.option(fc.integer({ min: 0, max: 3 }), { freq: 6 });
  const fate = fc.option(fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant('permanent' as const)), {
    freq: 2,
  });
  const records = fc.array(fc.record({ key, fate }), { minLength: 1, maxLength: 40 });

  it('is that each record is done, parked or dead, once, in the order of its key, whoever fails and whoever owns', async () => {
    await fc.assert(
      fc.asyncProperty(
        records,
        fc.array(step, { maxLength: 40 }),
        fc.constantFrom('fence' as const, 'release' as const),
        async (drawn, steps, deadKey) => {
          const log = drawn.map(({ key: of }, offset) => ({
            ...recordAt(offset),
            key: of === null ? null : Buffer.from(`key-${of}`),
          }));
          const fates = new Map(
            drawn.flatMap(({ fate: of }, offset) => (of === null ? [] : [[BigInt(offset), of] as const])),
          );
          const trial = new Trial(log, fates, deadKey);
          const owners = new Owners(log, () => trial.partition(), context);
          await owners.takeOver();
          for (const each of steps) {
            const owner = owners.present;
            if (each.kind === 'feed') await owners.feed(owner, each.count);
            if (each.kind === 'drain') await owner.partition.queues.drainDue(signal);
            if (each.kind === 'store') trial.ledger.commitFailures.push(each.failure);
            if (each.kind === 'takeOver') await owners.takeOver();
            if (each.kind === 'zombie') {
              const { zombie } = owners;
              await zombie.partition.queues.drainDue(signal);
              await owners.feed(zombie, each.count);
            }
            expectEachOnce(trial);
          }
          trial.mend();
          for (let round = 0; trial.ledger.row?.nextOffset !== BigInt(log.length) && round < 200; round++) {
            await owners.feed(owners.present, 7);
          }
          await owners.present.partition.queues.drainDue(signal);
          expectEachOnce(trial);
          expectNothingWaits(trial);
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** What lies below the position is done, queued or dead: one of the three, and once. Effects are in the order of their key. */
function expectEachOnce({ log, ledger, lot }: Trial): void {
  const consumed = log.slice(0, Number(ledger.row?.nextOffset)).map(effectOf);
  const kept = lot.rows.map(({ record }) => effectOf(record));
  expect(diffIds(consumed, [...ledger.effects, ...kept])).toEqual({ missing: [], extra: [] });
  for (const key of new Set(log.map(({ key: of }) => of?.toString()))) {
    if (key === undefined) continue;
    const ofKey = log.filter((record) => record.key?.toString() === key).map(effectOf);
    const done = ledger.effects.filter((effect) => ofKey.includes(effect));
    expect(done).toEqual(ofKey.filter((effect) => done.includes(effect)));
  }
}

/** Only dead letters stay, and behind them, where they fence their key, the later records of that key. */
function expectNothingWaits({ lot, deadKey }: Trial): void {
  for (const row of lot.rows) {
    if (row.state === 'dead') continue;
    expect(deadKey).toBe('fence');
    expect(lot.rows.some((dead) => dead.state === 'dead' && dead.fence === row.fence)).toBe(true);
  }
}
