import type { PartitionProgress, Proof, Run } from '../replay/answers';

/** A run that is a quarter through one partition, changed as the test needs it. */
export function sampleRun(
  changes: Partial<Run> & { readonly partitions?: readonly PartitionProgress[] } = {},
): Run {
  const { partitions = [samplePartition()], ...run } = changes;
  return {
    id: 7,
    kind: 'rebuild',
    projection: 'flight',
    version: 1,
    build: 2,
    sameLogic: true,
    replaces: { version: 1, build: 1 },
    state: 'building',
    paused: false,
    requestedAt: '2026-01-02T03:04:05.678Z',
    progress: { done: '10000', total: '40000', eventsPerSecond: 9_000.4, secondsLeft: 3.4, partitions },
    ...run,
  };
}

export function samplePartition(changes: Partial<PartitionProgress> = {}): PartitionProgress {
  return {
    topic: 'flights',
    partition: 3,
    from: '0',
    position: '10000',
    target: '40000',
    logEnd: '40010',
    state: 'running',
    ...changes,
  };
}

export function sampleProof(changes: Partial<Proof> = {}): Proof {
  return {
    equal: true,
    sameLogic: true,
    positions: ['flights/3/39999'],
    live: { rows: '20000', digest: 'd1' },
    rebuilt: { rows: '20000', digest: 'd1' },
    differing: { keys: '0', onlyLive: '0', onlyRebuilt: '0', changed: '0', examples: [] },
    ...changes,
  };
}

/** A proof with four differing keys, of which three are shown. */
export function sampleDifference(changes: Partial<Proof> = {}): Proof {
  return sampleProof({
    equal: false,
    rebuilt: { rows: '19999', digest: 'd2' },
    differing: {
      keys: '4',
      onlyLive: '1',
      onlyRebuilt: '1',
      changed: '2',
      examples: [
        { key: '20k-00001', live: { delay: 5 }, rebuilt: { delay: 6 } },
        { key: '20k-00002', live: { delay: 7 }, rebuilt: null },
        { key: '20k-00003', live: null, rebuilt: { delay: 8 } },
      ],
    },
    ...changes,
  });
}
