import type { BuildReport, Projection } from '../replay/answers';

/** A live build that is a little behind in one partition, changed as the test needs it. */
export function sampleBuild(changes: Partial<BuildReport> = {}): BuildReport {
  return {
    version: 1,
    build: 2,
    state: 'live',
    table: 'read_model.flight_v1_b2',
    createdAt: '2026-01-02T03:04:05.678Z',
    lag: '1200',
    lagSeconds: 3.2,
    recordsPerSecond: 9_000,
    tableBytes: '1572864',
    rowsEstimated: 20_000,
    parked: { keys: 1, events: 4 },
    partitions: [
      {
        ...{ topic: 'flights', partition: 3, nextOffset: '38800', logEnd: '40000', lag: '1200' },
        ...{ lagSeconds: 3.2, state: 'running' },
      },
    ],
    ...changes,
  };
}

export function sampleProjection(changes: Partial<Projection> = {}): Projection {
  const builds = [sampleBuild()];
  return {
    name: 'flight',
    liveVersion: 1,
    liveBuild: 2,
    builds,
    runs: [],
    lastVerification: null,
    ...changes,
  };
}
