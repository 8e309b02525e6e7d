import fc from 'fast-check';
import { explainMovedCopy, foundCopy, isMovedCopy } from './position-copy';
import type { CopyNotes } from './position-copy';
import { MemoryLedger } from './test/memory-ledger';
import { context, trialOf } from './test/trial-partition';
import { CopyWorld } from './test/copy-world';
import type { CopyEvent } from './test/copy-world';

const notes: CopyNotes = { nextOffset: 40n, epoch: 7n, copyEpoch: 7n, copyOffset: 30n, knownCopy: 5n };

const event: fc.Arbitrary<CopyEvent> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('open' as const, 'die' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'open-before-marks' as const,
        'expire' as const,
        'restore' as const,
        'late-copy' as const,
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('work' as const), records: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('copy' as const),
      fate: fc.constantFrom('lost' as const, 'acknowledged' as const, 'noted' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('tool' as const), offset: fc.integer({ min: 0, max: 8 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('decide' as const),
      how: fc.constantFrom('adopt' as const, 'reject' as const),
    }),
  },
);

describe('a copy of the position in Kafka', () => {
  it('counts as moved when somebody moved it, and only then, whatever dies, is late, lost, or restored', () => {
    let halts = 0;
    fc.assert(
      fc.property(fc.array(event, { minLength: 5, maxLength: 40 }), (events) => {
        const world = new CopyWorld();
        for (const each of events) {
          if (!world.apply(each)) continue;
          if (world.isMoved) halts += 1;
          expect(world.isHalted).toBe(world.isMoved);
        }
      }),
      { numRuns: 2_000 },
    );
    // It is no law about nothing.
    expect(halts).toBeGreaterThan(100);
  });

  it.each([
    ['carries our mark, however old', { offset: 3n, isOurs: true }, notes],
    ['says what the position says', { offset: 40n, isOurs: false }, notes],
    ['was there when the owner came', { offset: 5n, isOurs: false }, notes],
    ['is not there', { offset: -1n, isOurs: false }, notes],
    // kafkajs commits one by itself when the log no longer holds what it asks for.
    ['stands for the earliest offset', { offset: -2n, isOurs: false }, notes],
    ['is of a group without a position', { offset: 3n, isOurs: false }, undefined],
    ['is of an owner that marks nothing', { offset: 3n, isOurs: false }, { ...notes, epoch: 8n }],
  ])('is no move when it %s', (_when, copy, stored) => {
    expect(isMovedCopy(copy, stored)).toBe(false);
  });

  it('is a move otherwise, also back to what was copied before', () => {
    expect(isMovedCopy({ offset: 30n, isOurs: false }, notes)).toBe(true);
  });

  it('is explained with what Kafka has, what was copied, where the position stands, and what to do', () => {
    const move = { topic: 'orders', partition: 2, offset: 3n, notes };
    expect(explainMovedCopy(move, 'billing')).toBe(
      "Kafka's committed offset of orders/2 is 3, and is not the copy that Millrace wrote (the last copy noted is 30; the " +
        'position in PostgreSQL is 40): somebody moved it, with kafka-consumer-groups.sh for example. Adopt it, which ' +
        'runs the records from 3 up to 39 again (up to 37), their effects too, or reject it, which goes on from 40: ' +
        'POST /v1/groups/billing/positions/adopt or …/reject with ' +
        '{"topic":"orders","partitions":[{"partition":2,"offset":"3"}]}.',
    );
  });
});

describe('a partition that looks at the copy before it opens', () => {
  const checked = async (answer: 'ours' | 'moved', found?: bigint) => {
    const ledger = new MemoryLedger();
    ledger.row = { nextOffset: 40n, epoch: 7n, partitionCount: 6 };
    const order: string[] = [];
    const over = Promise.resolve();
    const partition = trialOf(ledger).partition({
      copies: {
        check: async () => {
          order.push('check');
          if (answer === 'moved') return { kind: 'moved', reason: 'it was moved', over };
          return { kind: 'ours', ...(found === undefined ? {} : { found }) };
        },
        noteCopy: async (_at, copy) => void order.push(`note ${copy.offset} of ${copy.epoch}`),
      },
    });
    const confirmMembership = async () => void order.push('confirm');
    const outcome = await partition.open({ ...context, confirmMembership });
    return { ledger, partition, outcome, order, over };
  };

  it('looks once no other member can write any more, and takes nothing when it was moved', async () => {
    const { ledger, outcome, order, over } = await checked('moved');
    expect(order).toEqual(['confirm', 'check']);
    expect(outcome).toEqual({ kind: 'halt', reason: 'group/trial: it was moved', over });
    expect(ledger.row).toMatchObject({ epoch: 7n });
  });

  it('keeps what it found with the epoch that it takes, and notes each copy under that epoch', async () => {
    const { ledger, partition, outcome, order } = await checked('ours', 5n);
    expect(outcome).toMatchObject({ kind: 'open', nextOffset: 40n });
    expect(ledger.claims).toMatchObject([{ previous: 7n, foundCopy: 5n }]);
    await partition.copied(41n);
    expect(order.at(-1)).toBe('note 41 of 8');
  });

  it('says which copy is not ours and is there', () => {
    expect(foundCopy({ offset: 3n, isOurs: true })).toBeUndefined();
    expect(foundCopy({ offset: -1n, isOurs: false })).toBeUndefined();
    expect(foundCopy({ offset: 3n, isOurs: false })).toBe(3n);
  });
});
