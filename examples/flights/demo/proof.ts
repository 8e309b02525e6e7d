import { isDeepStrictEqual } from 'node:util';

/** One comparison of a read model with the fold of the file. */
export interface Proof {
  readonly what: string;
  readonly expected: number;
  readonly got: number;
  /** Rows that are expected and not there. */
  readonly missing: number;
  /** Rows that are there and not expected. */
  readonly extra: number;
  /** Rows that are there with other values. */
  readonly changed: number;
  /** The keys of such rows; the first few. */
  readonly differing: readonly string[];
}

const SHOWN = 5;

export function holds({ expected, got, missing, extra, changed }: Proof): boolean {
  return expected === got && missing + extra + changed === 0;
}

/**
 * Compares every row of a model with every row that is expected. Both come in the order of their keys, which are
 * unique, and neither is held: rows that come in another order count as missing and extra.
 */
export async function compareRows<Row extends object>(
  what: string,
  rows: { readonly expected: Rows<Row>; readonly got: Rows<Row> },
  keyOf: (row: Row) => string,
): Promise<Proof> {
  const counts = { expected: 0, got: 0, missing: 0, extra: 0, changed: 0 };
  const differing: string[] = [];
  const count = (kind: 'missing' | 'extra' | 'changed', key: string) => {
    counts[kind] += 1;
    if (differing.length < SHOWN) differing.push(key);
  };
  const wanted = iteratorOf(rows.expected);
  let next = await wanted.next();
  const advance = async () => {
    counts.expected += 1;
    next = await wanted.next();
  };
  for await (const row of rows.got) {
    counts.got += 1;
    const key = keyOf(row);
    while (next.done !== true && keyOf(next.value) < key) {
      count('missing', keyOf(next.value));
      await advance();
    }
    if (next.done === true || keyOf(next.value) !== key) {
      count('extra', key);
      continue;
    }
    // Copied because prototypes count, and those of another realm (a test's) are others.
    if (!isDeepStrictEqual({ ...next.value }, { ...row })) count('changed', key);
    await advance();
  }
  while (next.done !== true) {
    count('missing', keyOf(next.value));
    await advance();
  }
  return { what, ...counts, differing };
}

export function compareNumbers(what: string, expected: number, got: number): Proof {
  return { what, expected, got, missing: 0, extra: 0, changed: 0, differing: [] };
}

type Rows<Row> = Iterable<Row> | AsyncIterable<Row>;

function iteratorOf<Row>(rows: Rows<Row>): Iterator<Row> | AsyncIterator<Row> {
  return Symbol.asyncIterator in rows ? rows[Symbol.asyncIterator]() : rows[Symbol.iterator]();
}
