import fc from 'fast-check';
import { DEADLINE_MS, FakePartition } from './fake-partition';
import type { Try } from './fake-partition';

const answerOf = (partition: FakePartition, id: number): string | undefined => partition.answers.get(id)?.[0];

describe('the queue of a partition', () => {
  it('writes what was pushed in one turn as one batch, and the next batch when that one is acknowledged', async () => {
    const partition = new FakePartition();
    for (const id of [1, 2, 3]) partition.push(id);
    await partition.turn();
    for (const id of [4, 5]) partition.push(id);
    await partition.turn(10);
    expect(partition.tries.map(({ records }) => records)).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
    expect(partition.answers).toEqual(new Map([1, 2, 3, 4, 5].map((id) => [id, [`at ${id - 1}`]])));
  });

  it('keeps a batch below its bounds in records and in bytes, and lets a record that is larger go alone', async () => {
    const partition = new FakePartition({ maxBatchRecords: 3, maxBatchBytes: 1_000 });
    for (const [id, bytes] of [200, 200, 200, 200, 900, 2_000, 10].entries()) partition.push(id, bytes);
    await partition.turn(20);
    expect(partition.tries.map(({ records }) => records)).toEqual([[0, 1, 2], [3], [4], [5], [6]]);
  });

  it('sends a batch again until its outcome is known, before anything that came later', async () => {
    const partition = new FakePartition({ tries: ['lost after the log', 'lost before the log', 'written'] });
    partition.push(1);
    await partition.turn();
    partition.push(2);
    await partition.turn(20);
    expect(partition.tries.map(({ records }) => records)).toEqual([[1], [1], [1], [2]]);
    expect(partition.log).toEqual([1, 1, 2]);
    expect(answerOf(partition, 1)).toBe('at 1');
  });

  it('splits out a record that can never be written, and refuses it alone', async () => {
    const partition = new FakePartition({ refused: new Set([2]) });
    for (const id of [1, 2, 3, 4]) partition.push(id);
    await partition.turn(30);
    partition.pass(DEADLINE_MS);
    expect(partition.log).toEqual([1, 3, 4]);
    expect(partition.answers).toEqual(
      new Map([
        [1, ['at 0']],
        [2, ['RecordRefusedError']],
        [3, ['at 1']],
        [4, ['at 2']],
      ]),
    );
    expect([...partition.settled.values()]).toEqual([1, 1, 1, 1]);
  });

  it('answers the other half of a refused batch in time while its first half is being retried', async () => {
    const lost = Array<Try>(50).fill('lost before the log');
    const partition = new FakePartition({ refused: new Set([1]), tries: ['written', ...lost] });
    for (const id of [1, 2, 3, 4]) partition.push(id);
    await partition.turn(6);
    partition.pass(DEADLINE_MS);
    expect([1, 2, 3, 4].map((id) => answerOf(partition, id))).toEqual([
      'unknown',
      'unknown',
      'not-written',
      'not-written',
    ]);
  });

  it('gives a batch up whose time is over at the broker: unknown if a try before may be in the log', async () => {
    const partition = new FakePartition({
      maxBatchRecords: 1,
      tries: ['too late', 'lost after the log', 'too late', 'written'],
    });
    for (const id of [1, 2, 3]) partition.push(id);
    await partition.turn(20);
    expect([1, 2, 3].map((id) => answerOf(partition, id))).toEqual(['not-written', 'unknown', 'at 1']);
    expect(partition.log).toEqual([2, 3]);
  });

  it('sends a batch whose numbers the broker has lost again, unless a try before may be in the log', async () => {
    const partition = new FakePartition({
      maxBatchRecords: 1,
      tries: ['numbers lost', 'written', 'lost after the log', 'numbers lost', 'written'],
    });
    for (const id of [1, 2, 3]) partition.push(id);
    await partition.turn(20);
    expect([1, 2, 3].map((id) => answerOf(partition, id))).toEqual(['at 0', 'unknown', 'at 2']);
    expect(partition.log).toEqual([1, 2, 3]);
  });

  it('never sends a record whose deadline passed while it waited, and says not-written', async () => {
    const partition = new FakePartition({ tries: Array<Try>(5).fill('lost before the log') });
    partition.push(1);
    await partition.turn(2);
    partition.push(2);
    partition.pass(DEADLINE_MS);
    partition.push(3);
    await partition.turn(30);
    expect([1, 2, 3].map((id) => answerOf(partition, id))).toEqual(['unknown', 'not-written', 'at 1']);
    expect(partition.log).toEqual([1, 3]);
  });

  it('goes on with a batch that nobody waits for any more until its outcome is known', async () => {
    const partition = new FakePartition({ tries: Array<Try>(8).fill('lost before the log') });
    partition.push(1);
    await partition.turn(3);
    partition.pass(DEADLINE_MS);
    expect(answerOf(partition, 1)).toBe('unknown');
    partition.push(2);
    await partition.turn(40);
    expect(partition.log).toEqual([1, 2]);
    expect(partition.answers.get(1)).toEqual(['unknown']);
  });

  it('gives the right places when part of a batch is told unknown before it is written', async () => {
    const partition = new FakePartition({ tries: ['lost before the log', 'lost after the log'] });
    partition.push(1);
    partition.pass(DEADLINE_MS / 2);
    partition.push(2);
    await partition.turn(2);
    partition.pass(DEADLINE_MS / 2);
    await partition.turn(20);
    expect(partition.log).toEqual([1, 2, 1, 2]);
    expect(partition.answers).toEqual(
      new Map([
        [1, ['unknown']],
        [2, ['at 3']],
      ]),
    );
  });

  it.each<Try>(['no connection', 'too few replicas'])(
    'says not-written, and keeps to it, as long as every try has ended with: %s',
    async (failure) => {
      const partition = new FakePartition({ tries: Array<Try>(3).fill(failure) });
      partition.push(1);
      while (partition.tries.length < 3) await partition.turn();
      await partition.turn();
      partition.pass(DEADLINE_MS);
      expect(answerOf(partition, 1)).toBe('not-written');
      partition.push(2);
      await partition.turn(20);
      expect(partition.log).toEqual([2]);
    },
  );

  it('answers everybody at once when it is closed, and whoever comes later', async () => {
    const partition = new FakePartition({ tries: Array<Try>(50).fill('lost before the log') });
    partition.push(1);
    await partition.turn(2);
    partition.push(2);
    partition.close();
    partition.push(3);
    expect([1, 2, 3].map((id) => answerOf(partition, id))).toEqual(['unknown', 'not-written', 'not-written']);
    await partition.turn(10);
    expect(partition.tries.length).toBeLessThan(4);
  });
});

type Step = { readonly push: number } | { readonly pass: number } | { readonly turn: number };

const anyTry: fc.Arbitrary<Try> = fc.constantFrom(
  'written',
  'no connection',
  'too few replicas',
  'lost before the log',
  'lost after the log',
);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ push: fc.integer({ min: 1, max: 7 }) }) },
  { weight: 3, arbitrary: fc.record({ turn: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ pass: fc.integer({ min: 1, max: DEADLINE_MS }) }) },
);

describe('whatever fails, and whenever', () => {
  const anyRun = fc.record({
    tries: fc.array(anyTry, { maxLength: 30 }),
    refused: fc.uniqueArray(fc.nat({ max: 30 }), { maxLength: 5 }),
    steps: fc.array(anyStep, { maxLength: 30 }),
  });

  async function run({ tries, refused, steps }: typeof anyRun extends fc.Arbitrary<infer Run> ? Run : never) {
    const partition = new FakePartition({ tries, refused: new Set(refused) });
    let pushed = 0;
    for (const step of steps) {
      if ('push' in step) for (let count = 0; count < step.push; count++) partition.push(pushed++);
      else if ('turn' in step) await partition.turn(step.turn);
      else partition.pass(step.pass);
    }
    // Every try that fails is over by then, and so is everything that is still to be written.
    await partition.turn(3 * (tries.length + pushed * 4) + 20);
    return { partition, pushed };
  }

  it('the log has the order of the calls, repeats aside, and one batch is in flight', async () => {
    await fc.assert(
      fc.asyncProperty(anyRun, async (input) => {
        const { partition } = await run(input);
        const firsts = [...new Set(partition.log)];
        expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
        expect(partition.mostInFlight).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('every record is answered exactly once, and the answer is true', async () => {
    await fc.assert(
      fc.asyncProperty(anyRun, async (input) => {
        const { partition, pushed } = await run(input);
        for (let id = 0; id < pushed; id++) {
          expect(partition.answers.get(id)).toHaveLength(1);
          expect(partition.settled.get(id)).toBe(1);
          const answer = answerOf(partition, id);
          if (answer?.startsWith('at ')) expect(partition.log[Number(answer.slice(3))]).toBe(id);
          else if (answer !== 'unknown') expect(partition.log).not.toContain(id);
          if (answer === 'RecordRefusedError') expect(input.refused).toContain(id);
        }
      }),
    );
  });
});
