import fc from 'fast-check';
import { compareNumbers, compareRows, holds } from './proof';
import type { Proof } from './proof';

interface Row {
  readonly key: string;
  readonly value: number;
}

function rowsOf(values: Record<string, number>): Row[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}

function compare(expected: readonly Row[], got: readonly Row[] | AsyncIterable<Row>): Promise<Proof> {
  return compareRows('rows', { expected, got }, ({ key }) => key);
}

describe('the comparison of a read model with what is expected', () => {
  it('holds when every row is there, also when they come as a stream', async () => {
    async function* stream(): AsyncGenerator<Row> {
      yield* rowsOf({ a: 1, b: 2 });
    }
    const proof = await compare(rowsOf({ a: 1, b: 2 }), stream());
    expect(proof).toEqual({
      what: 'rows',
      expected: 2,
      got: 2,
      missing: 0,
      extra: 0,
      changed: 0,
      differing: [],
    });
    expect(holds(proof)).toBe(true);
  });

  it('counts and names rows that are missing, extra, or have other values', async () => {
    const proof = await compare(
      rowsOf({ b: 1, c: 2, d: 3, e: 4, f: 5 }),
      rowsOf({ a: 0, b: 1, d: 4, e: 4, g: 6 }),
    );
    expect(proof).toMatchObject({ expected: 5, got: 5, missing: 2, extra: 2, changed: 1 });
    expect(proof.differing).toEqual(['a', 'c', 'd', 'f', 'g']);
    expect(holds(proof)).toBe(false);
  });

  it('does not hold for an empty model, nor for rows where none are expected', async () => {
    expect(await compare(rowsOf({ a: 1 }), [])).toMatchObject({ expected: 1, got: 0, missing: 1 });
    expect(await compare([], rowsOf({ a: 1 }))).toMatchObject({ expected: 0, got: 1, extra: 1 });
  });

  it('does not take rows in another order, or a row twice, for equal', async () => {
    const [a, b] = rowsOf({ a: 1, b: 2 }) as [Row, Row];
    expect(holds(await compare([a, b], [b, a]))).toBe(false);
    expect(holds(await compare([a, b], [a, a, b]))).toBe(false);
  });

  it('names the first five only, and counts all', async () => {
    const letters = 'abcdefgh'.split('').map((key) => ({ key, value: 1 }));
    const proof = await compare(letters, []);
    expect(proof.missing).toBe(8);
    expect(proof.differing).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('counts as a comparison of whole maps does', () => {
    const rows = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), fc.integer({ min: 0, max: 1 }));
    const inOrder = (values: Record<string, number>) =>
      rowsOf(values).sort((a, b) => (a.key < b.key ? -1 : 1));
    return fc.assert(
      fc.asyncProperty(rows, rows, async (expected, got) => {
        const shared = Object.keys(expected).filter((key) => key in got);
        expect(await compare(inOrder(expected), inOrder(got))).toMatchObject({
          expected: Object.keys(expected).length,
          got: Object.keys(got).length,
          missing: Object.keys(expected).length - shared.length,
          extra: Object.keys(got).length - shared.length,
          changed: shared.filter((key) => expected[key] !== got[key]).length,
        });
      }),
    );
  });

  it('compares numbers', () => {
    expect(holds(compareNumbers('departures', 3, 3))).toBe(true);
    expect(holds(compareNumbers('departures', 3, 4))).toBe(false);
  });
});
