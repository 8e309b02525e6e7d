import { isDeepStrictEqual } from 'node:util';

/** One comparison of a read model with the fold of the file. */
export interface Proof {
  readonly what: string;
  readonly expected: number;
  readonly got: number;
  /** Keys whose rows differ, are missing, or should not be there; the first few. */
  readonly differing: readonly string[];
}

const SHOWN = 5;

export function holds(proof: Proof): boolean {
  return proof.expected === proof.got && proof.differing.length === 0;
}

/** Compares every row of a model with every row that is expected, by key. */
export function compareRows<Row extends object>(
  what: string,
  expected: readonly Row[],
  got: readonly Row[],
  keyOf: (row: Row) => string,
): Proof {
  const wanted = new Map(expected.map((row) => [keyOf(row), row]));
  const present = new Map(got.map((row) => [keyOf(row), row]));
  const keys = new Set([...wanted.keys(), ...present.keys()]);
  const differing = [...keys].filter(
    (key) => !isDeepStrictEqual({ ...wanted.get(key) }, { ...present.get(key) }),
  );
  return { what, expected: expected.length, got: got.length, differing: differing.slice(0, SHOWN) };
}

export function compareNumbers(what: string, expected: number, got: number): Proof {
  return { what, expected, got, differing: [] };
}
