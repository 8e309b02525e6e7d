import type { LogBounds } from '@millrace/kafka';
import type { VectorEntry } from '@millrace/postgres';
import { LagWatch } from './lag-watch';

const READER = 'projection/flight@1';

function standing(nextOffset: bigint, more: Partial<VectorEntry> = {}): VectorEntry {
  return {
    ...{ topic: 'flights', partition: 0, nextOffset, epoch: 1n, partitionCount: 1, idleMs: 0 },
    ...{ last: { timestampMs: 1_000, identity: 'x' }, problem: undefined },
    ...more,
  };
}

describe('how far a reader is behind', () => {
  let positions: VectorEntry[];
  let bounds: LogBounds[] | undefined;
  let nowMs: number;
  let watch: LagWatch;

  beforeEach(() => {
    positions = [standing(10n)];
    bounds = [{ start: 0n, end: 10n }];
    nowMs = 5_000;
    watch = new LagWatch({
      positionsOf: () => Promise.resolve(new Map([[READER, positions]])),
      boundsOf: () => (bounds === undefined ? Promise.reject(new Error('away')) : Promise.resolve(bounds)),
      nowMs: () => nowMs,
    });
  });

  const look = async () => (await watch.look([{ reader: READER, topics: ['flights'] }])).get(READER) ?? [];

  it('is nothing at the end of the log, in records and in seconds', async () => {
    expect(await look()).toMatchObject([{ partition: 0, nextOffset: 10n, lag: 0n, lagSeconds: 0 }]);
  });

  it('is at most the time since the last record done was written, when it was never seen at the end', async () => {
    bounds = [{ start: 0n, end: 14n }];
    expect(await look()).toMatchObject([{ lag: 4n, lagSeconds: 4 }]);
  });

  it('is at most the time since it was last seen at the end, however long nothing had come before, or how old it is dated', async () => {
    nowMs = 90_000_000;
    expect(await look()).toMatchObject([{ lagSeconds: 0 }]);
    bounds = [{ start: 0n, end: 11n }];
    nowMs += 2_500;
    expect(await look()).toMatchObject([{ lag: 1n, lagSeconds: 2.5 }]);
    positions = [standing(10n, { last: { timestampMs: nowMs - 500, identity: 'x' } })];
    expect(await look()).toMatchObject([{ lagSeconds: 0.5 }]);
  });

  it('counts a record of the future as written now', async () => {
    positions = [standing(10n, { last: { timestampMs: nowMs + 60_000, identity: 'x' } })];
    bounds = [{ start: 0n, end: 11n }];
    expect(await look()).toMatchObject([{ lagSeconds: 0 }]);
  });

  it('is not known in seconds before a first record was done', async () => {
    positions = [standing(0n, { last: undefined, epoch: 0n })];
    expect(await look()).toMatchObject([{ lag: 10n, lagSeconds: null, isTaken: false }]);
    positions = [];
    bounds = [{ start: 4n, end: 10n }];
    expect(await look()).toMatchObject([{ nextOffset: 4n, lag: 6n, lagSeconds: null, isTaken: false }]);
  });

  it('is not known while Kafka is away; where it stands is, and why', async () => {
    bounds = undefined;
    const problem = { state: 'halted', reason: 'it broke' } as const;
    positions = [standing(7n, { problem })];
    expect(await look()).toEqual([
      {
        ...{ topic: 'flights', partition: 0, nextOffset: 7n, logEnd: null, lag: null, lagSeconds: null },
        ...{ problem, isTaken: true },
      },
    ]);
  });
});
