import { diffIds } from '@millrace/testing';
import * as fc from 'fast-check';
import type { StoreFailure } from './position-ledger';
import { MemoryLedger } from './test/memory-ledger';
import { Owners } from './test/owners';
import { effectOf, recordAt, trialOf } from './test/trial-partition';

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
        const owners = new Owners(log, () => trial.partition({ repeatsWithin: REPEATS_WITHIN }));
        await owners.takeOver();
        for (const each of steps) {
          const owner = owners.present;
          if (each.kind === 'feed') await owners.feed(owner, each.count);
          if (each.kind === 'fail') trial.failing.set(BigInt(owner.from + each.ahead), new Error('no'));
          if (each.kind === 'mend') trial.failing.clear();
          if (each.kind === 'store') trial.ledger.commitFailures.push(each.failure);
          if (each.kind === 'takeOver') await owners.takeOver();
          if (each.kind === 'zombie') await owners.feed(owners.zombie, each.count);
        }
        trial.failing.clear();
        trial.ledger.commitFailures.length = 0;
        for (let round = 0; trial.ledger.row?.nextOffset !== trial.log.end && round < 100; round++) {
          await owners.feed(owners.present, 7);
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
