import { diffIds } from '@millrace/testing';
import * as fc from 'fast-check';
import type { StoreFailure } from './position-ledger';
import type { PositionedPartition } from './positioned-partition';
import type { Effects } from './test/memory-ledger';
import { MemoryLedger } from './test/memory-ledger';
import { context, effectOf, recordAt, signal, trialOf } from './test/trial-partition';

const REPEATS_WITHIN = 8n;

type Step =
  | { readonly kind: 'feed'; readonly count: number }
  | { readonly kind: 'fail'; readonly ahead: number }
  | { readonly kind: 'mend' }
  | { readonly kind: 'store'; readonly failure: StoreFailure }
  /** Another owner takes over; the old one may come back as a zombie. */
  | { readonly kind: 'takeOver' }
  | { readonly kind: 'zombie'; readonly count: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('feed' as const), count: fc.integer({ min: 1, max: 9 }) }),
  },
  fc.record({ kind: fc.constant('fail' as const), ahead: fc.integer({ min: 0, max: 9 }) }),
  fc.constant({ kind: 'mend' as const }),
  fc.record({
    kind: fc.constant('store' as const),
    failure: fc.constantFrom<StoreFailure>('unavailable', 'conflict', 'other'),
  }),
  fc.constant({ kind: 'takeOver' as const }),
  fc.record({ kind: fc.constant('zombie' as const), count: fc.integer({ min: 1, max: 9 }) }),
);

describe('the law of delivery', () => {
  it('is that every record takes effect once, in order, repeats aside, whatever fails and whoever owns', async () => {
    // Few names make many repeats, some within the distance and some beyond it.
    const names = fc.array(fc.integer({ min: 0, max: 11 }), { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(names, fc.array(step, { maxLength: 40 }), async (ids, steps) => {
        const log = ids.map((id, offset) => recordAt(offset, `event-${id}`));
        const trial = trialOf(new MemoryLedger());
        trial.log = { start: 0n, end: BigInt(log.length), partitionCount: 6 };
        const owners: { partition: PositionedPartition<Effects>; fetchFrom: number }[] = [];
        const takeOver = async () => {
          const partition = trial.partition({ repeatsWithin: REPEATS_WITHIN });
          const opened = await partition.open(context);
          if (opened.kind === 'open') owners.push({ partition, fetchFrom: Number(opened.fetchFrom) });
          else throw new Error(opened.reason);
        };
        const feed = async (owner: (typeof owners)[number], count: number) => {
          const outcome = await owner.partition.handle(
            log.slice(owner.fetchFrom, owner.fetchFrom + count),
            signal,
          );
          if (outcome.kind === 'done') owner.fetchFrom = Math.min(owner.fetchFrom + count, log.length);
          else if (outcome.kind === 'hold') owner.fetchFrom = Number(outcome.nextOffset);
          else if (outcome.kind === 'fenced') await takeOver();
          else throw new Error(outcome.reason);
        };
        await takeOver();
        for (const each of steps) {
          const owner = owners.at(-1)!;
          if (each.kind === 'feed') await feed(owner, each.count);
          if (each.kind === 'fail') trial.failing.set(BigInt(owner.fetchFrom + each.ahead), new Error('no'));
          if (each.kind === 'mend') trial.failing.clear();
          if (each.kind === 'store') trial.ledger.commitFailures.push(each.failure);
          if (each.kind === 'takeOver') await takeOver();
          if (each.kind === 'zombie') await feed(owners[Math.max(0, owners.length - 2)]!, each.count);
        }
        trial.failing.clear();
        trial.ledger.commitFailures.length = 0;
        for (let round = 0; trial.ledger.row?.nextOffset !== trial.log.end && round < 100; round++) {
          await feed(owners.at(-1)!, 7);
        }

        const expected = log
          .filter(
            (_record, offset) =>
              !ids.slice(Math.max(0, offset - Number(REPEATS_WITHIN)), offset).includes(ids[offset]!),
          )
          .map(effectOf);
        expect(diffIds(expected, trial.ledger.effects)).toEqual({ missing: [], extra: [] });
        expect(trial.ledger.effects).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });
});
