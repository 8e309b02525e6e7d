import fc from 'fast-check';
import { MemoryLedger } from './test/memory-ledger';
import { context, effectOf, recordAt, recordsAt, trialOf } from './test/trial-partition';

describe('a reader with a stop in its position', () => {
  let assignment: AbortController;
  let signal: AbortSignal;

  beforeEach(() => {
    assignment = new AbortController();
    ({ signal } = assignment);
  });
  // What still waits at its stop would go on asking.
  afterEach(() => assignment.abort());

  const openAt = async (stopAt: bigint | undefined) => {
    const ledger = new MemoryLedger();
    ledger.row = {
      nextOffset: 0n,
      epoch: 0n,
      partitionCount: 6,
      ...(stopAt === undefined ? {} : { stopAt }),
    };
    const trial = trialOf(ledger);
    const partition = trial.partition();
    await partition.open(context);
    return { ledger, trial, partition };
  };

  it('does what lies before it, hands the rest back, and goes on when it is raised', async () => {
    const { ledger, trial, partition } = await openAt(2n);
    const outcome = await partition.handle(recordsAt(0, 5), signal);
    expect(outcome).toMatchObject({ kind: 'wait', nextOffset: 2n });
    expect(trial.attempted).toEqual([0n, 1n]);
    let over = false;
    const waiting = outcome.kind === 'wait' ? outcome.over.then(() => (over = true)) : Promise.resolve();
    await Promise.resolve();
    expect(over).toBe(false);
    ledger.row = { ...ledger.row!, stopAt: 4n };
    await waiting;
    expect(await partition.handle(recordsAt(2, 5), signal)).toMatchObject({ kind: 'wait', nextOffset: 4n });
    expect(ledger.effects).toEqual(recordsAt(0, 4).map(effectOf));
  });

  it('notices one that is set while it works, before anything beyond it takes effect', async () => {
    const { ledger, trial, partition } = await openAt(undefined);
    await partition.handle(recordsAt(0, 3), signal);
    ledger.row = { ...ledger.row!, stopAt: 0n };
    expect(await partition.handle(recordsAt(3, 6), signal)).toMatchObject({ kind: 'wait', nextOffset: 3n });
    expect(trial.attempted).toEqual([0n, 1n, 2n]);
  });

  it('ends its wait when the partition is taken away', async () => {
    const { partition } = await openAt(0n);
    const outcome = await partition.handle(recordsAt(0, 1), signal);
    assignment.abort();
    await expect(outcome.kind === 'wait' ? outcome.over : undefined).resolves.toBeUndefined();
  });

  it('judges repeats as it would have without any stop, wherever the stops were', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 20 }),
        fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 5 }),
        async (ids, stops) => {
          const records = ids.map((id, offset) => recordAt(offset, `event-${id}`));
          const free = await openAt(undefined);
          await free.partition.handle(records, signal);
          const stopped = await openAt(0n);
          for (const stop of [...stops.toSorted((a, b) => a - b), ids.length]) {
            stopped.ledger.row = { ...stopped.ledger.row!, stopAt: BigInt(stop) };
            const rest = records.filter(({ offset }) => offset >= stopped.ledger.row!.nextOffset);
            if (rest.length > 0) await stopped.partition.handle(rest, signal);
          }
          expect(stopped.ledger.effects).toEqual(free.ledger.effects);
        },
      ),
    );
  });
});
