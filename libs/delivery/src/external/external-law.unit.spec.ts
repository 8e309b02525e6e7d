import { setImmediate as turn } from 'node:timers/promises';
import type { LogRecord } from '@millrace/event';
import { silentLogger } from '@millrace/testing';
import * as fc from 'fast-check';
import { defineConsumerGroup } from '../consumer-group';
import { PermanentError } from '../errors';
import { DependencyBreaker } from '../lanes/dependency-breaker';
import type { StoreFailure } from '../position-ledger';
import type { Effects } from '../test/memory-ledger';
import { MemoryLedger } from '../test/memory-ledger';
import { MemoryLot } from '../test/memory-lot';
import { at, recordAt } from '../test/trial-partition';
import { ExternalPartition } from './external-partition';

type Step =
  | { readonly kind: 'feed'; readonly count: number }
  | { readonly kind: 'turn'; readonly count: number }
  | { readonly kind: 'follow' }
  | { readonly kind: 'drain' }
  | { readonly kind: 'store'; readonly failure: StoreFailure }
  /** Another owner takes over; the calls of the old one get time to end, or none. */
  | { readonly kind: 'takeOver'; readonly graceMs: number };

/** How often a record fails before it succeeds, or that it never will and says so; and in how many turns each call ends. */
interface Fate {
  readonly fails: number | 'permanent';
  readonly turns: number;
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('feed' as const), count: fc.integer({ min: 1, max: 9 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('turn' as const), count: fc.constantFrom(1, 4, 30) }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'follow' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'drain' as const }) },
  fc.record({
    kind: fc.constant('store' as const),
    failure: fc.constantFrom<StoreFailure>('unavailable', 'other'),
  }),
  fc.record({ kind: fc.constant('takeOver' as const), graceMs: fc.constantFrom(0, 1_000) }),
);

const context = { confirmMembership: () => Promise.resolve(), signal: AbortSignal.abort() };
const { signal } = new AbortController();

class Trial {
  readonly ledger = new MemoryLedger();
  readonly lot = new MemoryLot(this.ledger);
  /** Offsets whose call has succeeded, as often as it did. */
  readonly done: bigint[] = [];
  readonly violations: string[] = [];
  private readonly running = new Set<string>();
  private readonly failed = new Map<bigint, number>();
  private readonly group;
  private mended = false;

  constructor(
    readonly log: readonly LogRecord[],
    private readonly fates: readonly Fate[],
    readonly deadKey: 'fence' | 'release',
  ) {
    this.group = defineConsumerGroup({
      ...{ name: 'trial', kind: 'external', handles: [{ type: 'trial', topic: 'trial' }] },
      repeatsWithinOffsets: 0,
      retry: { attempts: 2, initialMs: 0.001, maxMs: 0.001 },
      parking: { attempts: 2, initialMs: 1, maxMs: 1, maxKeyShare: 1, maxRecords: 1_000 },
      calls: { concurrency: 4 },
      deadKey,
    });
  }

  partition(): ExternalPartition<Effects> {
    return new ExternalPartition<Effects>(at, {
      ...{ group: this.group, ledger: this.ledger, lot: this.lot, log: silentLogger },
      breaker: new DependencyBreaker({ dependency: 'outside', threshold: 1_000_000 }),
      readExtent: () => Promise.resolve({ start: 0n, end: BigInt(this.log.length), partitionCount: 1 }),
      offsetAt: () => Promise.resolve(0n),
      prepare: () => Promise.resolve(),
      call: (record) => this.call(record),
    });
  }

  mend(): void {
    this.mended = true;
    this.ledger.commitFailures.length = 0;
  }

  ofKey(record: LogRecord): LogRecord[] {
    return record.key === null
      ? []
      : this.log.filter(({ key }) => key?.equals(record.key ?? Buffer.of()) === true);
  }

  private async call(record: LogRecord): Promise<void> {
    const fate = this.fates[Number(record.offset)]!;
    const key = record.key?.toString() ?? `offset ${record.offset}`;
    if (this.running.has(key)) this.violations.push(`two calls for ${key} at once`);
    this.running.add(key);
    for (let turns = 0; turns < fate.turns; turns++) await turn();
    this.running.delete(key);
    if (fate.fails === 'permanent') throw new PermanentError('never');
    const failures = this.failed.get(record.offset) ?? 0;
    if (!this.mended && failures < fate.fails) {
      this.failed.set(record.offset, failures + 1);
      throw new Error('not now');
    }
    const before = this.ofKey(record).filter(({ offset }) => offset < record.offset);
    const missing = before.filter(({ offset }) => !this.done.includes(offset) && !this.mayLack(offset));
    if (missing.length > 0)
      this.violations.push(`${record.offset} before ${missing.map(({ offset }) => offset).join(', ')}`);
    this.done.push(record.offset);
  }

  /** Of a key that goes on without its dead letters. */
  private mayLack(offset: bigint): boolean {
    if (this.deadKey === 'fence') return false;
    const row = this.lot.rows.find(({ record }) => record.offset === offset);
    return (
      row?.state === 'dead' || this.fates[Number(offset)]?.fails === 'permanent' || this.exhausted(offset)
    );
  }

  private exhausted(offset: bigint): boolean {
    return (this.failed.get(offset) ?? 0) >= 2;
  }
}

describe('the law of lanes and parking', () => {
  const drawn = fc.record({
    key: fc.option(fc.integer({ min: 0, max: 1 }), { freq: 9 }),
    fate: fc.record({
      fails: fc.oneof(
        { weight: 4, arbitrary: fc.constant(0) },
        { weight: 3, arbitrary: fc.integer({ min: 1, max: 6 }) },
        { weight: 1, arbitrary: fc.constant('permanent' as const) },
      ),
      turns: fc.constantFrom(0, 1, 15),
    }),
  });

  it('is that each record is called until it is done, parked or dead, in the order of its key, and no position passes one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(drawn, { minLength: 1, maxLength: 30 }),
        fc.array(step, { maxLength: 30 }),
        fc.constantFrom('fence' as const, 'release' as const),
        async (records, steps, deadKey) => {
          const log = records.map(({ key }, offset) => ({
            ...recordAt(offset),
            key: key === null ? null : Buffer.from(`key-${key}`),
          }));
          const trial = new Trial(
            log,
            records.map(({ fate }) => fate),
            deadKey,
          );
          let partition = trial.partition();
          let from = 0;
          const open = async () => {
            const opened = await partition.open(context);
            if (opened.kind !== 'open') throw new Error(JSON.stringify(opened));
            from = Number(opened.fetchFrom);
          };
          const feed = async (count: number) => {
            const outcome = await partition.handle(log.slice(from, from + count), signal);
            if (outcome.kind === 'done') from = Math.min(from + count, log.length);
            else if (outcome.kind === 'hold') from = Number(outcome.nextOffset);
            else throw new Error(JSON.stringify(outcome));
          };
          await open();
          for (const each of steps) {
            if (each.kind === 'feed') await feed(each.count);
            if (each.kind === 'turn') await turns(each.count);
            if (each.kind === 'follow') await partition.follow();
            if (each.kind === 'drain') await partition.queues.drainDue(signal);
            if (each.kind === 'store') trial.ledger.commitFailures.push(each.failure);
            if (each.kind === 'takeOver') {
              await partition.close(each.graceMs, new Error('taken away'));
              // Calls that were given up end.
              await turns(20);
              partition = trial.partition();
              await open();
            }
            expectNothingPassed(trial);
          }
          trial.mend();
          for (let round = 0; trial.ledger.row?.nextOffset !== BigInt(log.length); round++) {
            if (round > 2_000) throw new Error(`stands at ${trial.ledger.row?.nextOffset}`);
            await feed(7);
            await turn();
            await partition.follow();
          }
          await partition.queues.drainDue(signal);
          expectNothingPassed(trial);
          expect(trial.violations).toEqual([]);
          for (const row of trial.lot.rows) {
            if (row.state === 'dead') continue;
            expect(deadKey).toBe('fence');
            expect(trial.lot.rows.some((dead) => dead.state === 'dead' && dead.fence === row.fence)).toBe(
              true,
            );
          }
        },
      ),
      { numRuns: 700 },
    );
  }, 60_000);
});

async function turns(count: number): Promise<void> {
  for (let each = 0; each < count; each++) await turn();
}

/** What lies below the position is done, queued or dead. */
function expectNothingPassed({ log, ledger, lot, done }: Trial): void {
  const passed = log.slice(0, Number(ledger.row?.nextOffset));
  const kept = lot.rows.map(({ record }) => record.offset);
  const lost = passed.filter(({ offset }) => !done.includes(offset) && !kept.includes(offset));
  expect(lost.map(({ offset }) => offset)).toEqual([]);
}
