import { addCounts, BuildMeter, PartitionMeter } from './build-meter';

const at = { topic: 'flights', partition: 3 };

describe('what is counted of a build', () => {
  it('is what was committed, and how long a commit took from its first row on', () => {
    let nowMs = 1_000;
    const meter = new PartitionMeter(at, () => nowMs);
    meter.began();
    meter.wrote(7);
    // It was rolled back, and begun again.
    meter.began();
    meter.wrote(5);
    nowMs += 40;
    meter.committed();
    meter.consumed(12);
    const [{ records, rows, commits } = { records: 0, rows: 0, commits: undefined }] = addCounts([
      meter.counts,
    ]);
    expect([records, rows, commits?.count, commits?.sum]).toEqual([12, 5, 1, 0.04]);
    const bucket = (le: string) => commits?.cumulative().find((each) => each.le === le)?.count;
    expect([bucket('0.025'), bucket('0.05')]).toEqual([0, 1]);
  });

  it('is the same meter for every assignment of a partition', () => {
    const build = new BuildMeter();
    build.partition(at).consumed(2);
    build.partition({ ...at }).consumed(3);
    build.partition({ topic: 'flights', partition: 4 }).consumed(1);
    expect(build.counts.map(({ partition, records }) => [partition, records])).toEqual([
      [3, 5],
      [4, 1],
    ]);
  });

  it('goes from thread to thread, and is added up by partition', () => {
    const [one, other] = [new BuildMeter(), new BuildMeter()];
    for (const [build, records] of [
      [one, 2],
      [other, 5],
    ] as const) {
      const meter = build.partition(at);
      meter.began();
      meter.wrote(1);
      meter.committed();
      meter.consumed(records);
    }
    other.partition({ topic: 'flights', partition: 4 });
    const told = structuredClone([...one.counts, ...other.counts]);
    const added = addCounts(told);
    expect(added).toMatchObject([
      { ...at, records: 7, rows: 2 },
      { topic: 'flights', partition: 4, records: 0, rows: 0 },
    ]);
    expect(added.map(({ commits }) => commits.count)).toEqual([2, 0]);
  });
});
