import * as fc from 'fast-check';
import { checkRebuild } from './check-rebuild';
import type { RebuildFacts } from './rebuild-facts';
import type { RefusalCheck } from './refusal';
import { factsWith, live, orders, placed, projection } from './test/whole-facts';

/** What breaks a rebuild, one way for each check. */
const breakages: Readonly<Record<RefusalCheck, (facts: RebuildFacts) => RebuildFacts>> = {
  'log-start': (facts) => withTopic(facts, { partitions: [{ start: 3n, end: 40n }, orders.partitions[1]!] }),
  'partition-count': (facts) => ({
    ...facts,
    live: facts.live.map((each) => ({ ...each, partitionCount: 6 })),
  }),
  'topic-identity': (facts) => ({ ...facts, live: facts.live.map((each) => ({ ...each, nextOffset: 41n })) }),
  compaction: (facts) => withTopic(facts, { cleanupPolicy: 'compact' }),
  schema: (facts) => ({ ...facts, schemas: [{ ...placed, problem: 'it lacks orderId' }] }),
};

function withTopic(facts: RebuildFacts, changes: Partial<RebuildFacts['topics'][number]>): RebuildFacts {
  return { ...facts, topics: facts.topics.map((topic) => ({ ...topic, ...changes })) };
}

const checksOf = (facts: RebuildFacts): RefusalCheck[] => checkRebuild(facts).map(({ check }) => check);

describe('the preflight of a rebuild', () => {
  it('refuses nothing when the log is whole and every schema can be read', () => {
    expect(checkRebuild(factsWith())).toEqual([]);
    expect(checkRebuild(factsWith({ live: [] }))).toEqual([]);
  });

  it('names exactly what is wrong, all of it at once, whatever comes together', () => {
    const names = Object.keys(breakages) as RefusalCheck[];
    fc.assert(
      fc.property(fc.subarray(names), (broken) => {
        const facts = broken.reduce((whole, name) => breakages[name](whole), factsWith());
        expect(checksOf(facts).toSorted()).toEqual(broken.toSorted());
      }),
    );
  });

  it('says where, why and what to do, in sentences', () => {
    const names = Object.keys(breakages) as RefusalCheck[];
    for (const refusal of names.flatMap((name) => checkRebuild(breakages[name](factsWith())))) {
      expect(refusal.where).toMatch(/^orders/);
      expect(refusal.reason).toMatch(/[a-z)]$/);
      expect(refusal.remedy).toMatch(/^[A-Z`].*\.$/);
    }
  });

  it('refuses a topic that the cluster does not have', () => {
    expect(checkRebuild(factsWith({ topics: [] }))).toMatchObject([
      { check: 'topic-identity', where: 'orders', reason: expect.stringContaining('no topic') as string },
    ]);
  });

  it('passes over topics that the projection does not read', () => {
    const other = { ...orders, topic: 'returns', cleanupPolicy: 'compact' };
    const stale = { ...live, topic: 'returns', nextOffset: 1_000n };
    expect(checkRebuild(factsWith({ topics: [orders, other], live: [live, stale] }))).toEqual([]);
  });
});

describe('the start of the log', () => {
  it('refuses each partition that has lost its offset zero, also one that is empty by now', () => {
    const partitions = [
      { start: 3n, end: 40n },
      { start: 0n, end: 9n },
      { start: 9n, end: 9n },
    ];
    const refusals = checkRebuild(factsWith({ topics: [{ ...orders, partitions }], live: [] }));
    expect(refusals.map(({ check, where }) => [check, where])).toEqual([
      ['log-start', 'orders/0'],
      ['log-start', 'orders/2'],
    ]);
  });
});

describe('the number of partitions', () => {
  it('is refused once for the topic, with what it is and what it was', () => {
    const positions = [0, 1].map((partition) => ({ ...live, partition, nextOffset: 0n, partitionCount: 1 }));
    const refusals = checkRebuild(factsWith({ live: positions }));
    expect(refusals).toMatchObject([
      { check: 'partition-count', where: 'orders', reason: expect.stringMatching(/2 .*had 1 /) as string },
    ]);
  });

  it('says nothing of an added partition that the live read model has not stood in', () => {
    expect(checkRebuild(factsWith({ live: [{ ...live, partition: 1, nextOffset: 0n }] }))).toEqual([]);
  });

  it('asks whether it is the right cluster when the live read model stood in more partitions', () => {
    const grown = checkRebuild(factsWith({ live: [{ ...live, partitionCount: 1 }] }));
    const shrunk = checkRebuild(factsWith({ live: [{ ...live, partition: 5, partitionCount: 6 }] }));
    expect(grown[0]?.remedy).not.toContain('KAFKA_BROKERS');
    expect(shrunk).toMatchObject([{ remedy: expect.stringContaining('KAFKA_BROKERS') as string }]);
  });
});

describe('compaction', () => {
  const compacted = (cleanupPolicy: string, changes: Partial<RebuildFacts['projection']>): RebuildFacts =>
    factsWith({
      topics: [{ ...orders, cleanupPolicy }],
      projection: { ...projection, ...changes },
    });

  it('is for entities that declare that the latest event says everything', () => {
    expect(checkRebuild(compacted('compact', { latestWins: true, tombstones: 'delete' }))).toEqual([]);
    expect(checksOf(compacted('compact', { latestWins: false }))).toEqual(['compaction']);
    expect(checksOf(compacted('compact,delete', { latestWins: false }))).toEqual(['compaction']);
    expect(checksOf(compacted('delete', { latestWins: false }))).toEqual([]);
  });

  it('is for entities that delete the rows of deleted keys, which a rebuild would not find again', () => {
    for (const tombstones of ['ignore', undefined] as const) {
      expect(checkRebuild(compacted('compact', { latestWins: true, tombstones }))).toMatchObject([
        { check: 'compaction', where: 'orders', remedy: expect.stringContaining("'delete'") as string },
      ]);
      expect(checkRebuild(compacted('delete', { latestWins: true, tombstones }))).toEqual([]);
    }
  });

  it('is never for an aggregate, whatever it declares', () => {
    const [refusal] = checkRebuild(compacted('compact', { kind: 'aggregate', latestWins: true }));
    expect(refusal).toMatchObject({ check: 'compaction', where: 'orders' });
    expect(refusal?.remedy).not.toContain('latestWins');
  });
});

describe('the schemas', () => {
  it('are refused version by version, with the id that the records carry', () => {
    const problem = 'no matching field for orderId';
    const schemas = [placed, { ...placed, version: 2, schemaId: 8, problem }];
    expect(checkRebuild(factsWith({ schemas }))).toMatchObject([
      {
        check: 'schema',
        where: 'orders-shop.OrderPlaced version 2',
        reason: expect.stringMatching(/id 8.*no matching field/) as string,
        remedy: expect.stringContaining('/subjects/orders-shop.OrderPlaced/versions/2') as string,
      },
    ]);
  });

  it('are refused once for a subject whose events the projection neither folds nor ignores', () => {
    const printed = { ...placed, subject: 'orders-shop.OrderPrinted', eventType: 'shop.OrderPrinted' };
    const lost = { ...placed, subject: 'orders-shop.OrderLost', eventType: 'shop.OrderLost' };
    const schemas = [placed, printed, lost, { ...lost, version: 2 }];
    expect(checkRebuild(factsWith({ schemas }))).toMatchObject([
      {
        check: 'schema',
        where: 'orders-shop.OrderLost',
        reason: expect.stringContaining('shop.OrderLost') as string,
      },
    ]);
  });
});
