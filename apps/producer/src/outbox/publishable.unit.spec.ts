import fc from 'fast-check';
import { publishable } from './publishable';

const numbered = (...numbers: number[]) => numbers.map((number) => ({ number: BigInt(number) }));
const numbersOf = (rows: readonly { number: bigint }[]) => rows.map(({ number }) => Number(number));

describe('the rows of an outbox that may be published', () => {
  it('are all of them while no number is missing', () => {
    const rows = numbered(4, 5, 6);
    expect(publishable(rows, { after: 3n, settledTo: 0n })).toEqual(rows);
  });

  it('end before the first number that is missing', () => {
    const rows = numbered(4, 5, 7, 8);
    expect(numbersOf(publishable(rows, { after: 3n, settledTo: 0n }))).toEqual([4, 5]);
    expect(publishable(rows, { after: 2n, settledTo: 0n })).toEqual([]);
  });

  it('go past missing numbers that are settled, and no further', () => {
    const rows = numbered(4, 7, 9);
    expect(numbersOf(publishable(rows, { after: 2n, settledTo: 6n }))).toEqual([4, 7]);
    expect(numbersOf(publishable(rows, { after: 2n, settledTo: 8n }))).toEqual([4, 7, 9]);
  });

  it('never pass a number that may still appear, whatever is visible', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 40 });
    fc.assert(
      fc.property(numbers, fc.integer({ min: 0, max: 60 }), (visible, settledTo) => {
        const rows = numbered(...visible.toSorted((a, b) => a - b));
        const ready = numbersOf(publishable(rows, { after: 0n, settledTo: BigInt(settledTo) }));
        const last = ready.at(-1) ?? 0;
        for (let number = 1; number <= last; number++) {
          expect(visible.includes(number) || number <= settledTo).toBe(true);
        }
        // And stops for no other reason.
        const next = rows[ready.length];
        if (next !== undefined) {
          expect(Number(next.number)).toBeGreaterThan(Math.max(last, settledTo) + 1);
        }
      }),
    );
  });
});
