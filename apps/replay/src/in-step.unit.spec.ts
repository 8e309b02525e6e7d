import type { VectorEntry } from '@millrace/postgres';
import { isInStep } from './in-step';

function entry(nextOffset: bigint, more: Partial<VectorEntry> = {}): VectorEntry {
  return {
    topic: 'trial',
    partition: 0,
    nextOffset,
    epoch: 1n,
    partitionCount: 1,
    idleMs: 0,
    last: undefined,
    problem: undefined,
    ...more,
  };
}

describe('a rebuilt side is in step with the live one', () => {
  it('when nothing is missing, whoever folds it or does not', () => {
    expect(isInStep([entry(7n)], [entry(7n, { epoch: 0n, idleMs: 60_000 })])).toBe(true);
    expect(isInStep([entry(7n)], [entry(9n, { idleMs: 60_000 })])).toBe(true);
    expect(isInStep([], [])).toBe(true);
  });

  it('when little is missing and somebody is folding it', () => {
    expect(isInStep([entry(20_000n)], [entry(0n)])).toBe(true);
    expect(isInStep([entry(20_001n)], [entry(0n)])).toBe(false);
  });

  it('not when what is missing has never been taken, or its owner has gone quiet', () => {
    expect(isInStep([entry(8n)], [entry(7n, { epoch: 0n })])).toBe(false);
    expect(isInStep([entry(8n)], [entry(7n, { idleMs: 5_001 })])).toBe(false);
    expect(isInStep([entry(8n)], [])).toBe(false);
  });

  it('counts what is missing over all partitions', () => {
    const live = [entry(15_000n), entry(15_000n, { partition: 1 })];
    expect(isInStep(live, [entry(0n), entry(0n, { partition: 1 })])).toBe(false);
    expect(isInStep(live, [entry(12_000n), entry(0n, { partition: 1 })])).toBe(true);
  });
});
