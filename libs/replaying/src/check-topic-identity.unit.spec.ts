import { LooseRecord } from '@millrace/event';
import type { LogRecord } from '@millrace/event';
import { checkRebuild } from './check-rebuild';
import { foundAt } from './found-at';
import type { LivePosition } from './rebuild-facts';
import { factsWith, live, orders } from './test/whole-facts';

const check = (changes: Partial<LivePosition>, cleanupPolicy = 'delete') =>
  checkRebuild(
    factsWith({
      projection: { ...factsWith().projection, latestWins: true, tombstones: 'delete' },
      topics: [{ ...orders, partitions: [{ start: 10n, end: 40n }], cleanupPolicy }],
      live: [{ ...live, partitionCount: 1, ...changes }],
    }),
  ).filter((refusal) => refusal.check !== 'log-start');

describe('the identity of a topic', () => {
  it('is proven by the record that was done last', () => {
    expect(check({})).toEqual([]);
  });

  it('is refused when the live read model stands beyond the end of the log', () => {
    expect(check({ nextOffset: 40n })).toEqual([]);
    expect(check({ nextOffset: 41n })).toMatchObject([
      {
        check: 'topic-identity',
        where: 'orders/0',
        reason: expect.stringMatching(/41.*ends at 40/) as string,
      },
    ]);
  });

  it('is refused when another record lies there, by its identity or by its time alone', () => {
    const other = { timestampMs: live.last!.timestampMs, identity: '/specs\norder-8' };
    expect(check({ found: other })).toMatchObject([
      {
        check: 'topic-identity',
        reason: expect.stringMatching(/order-7 of \/specs.*order-8 of \/specs/) as string,
      },
    ]);
    expect(check({ found: { ...live.last!, timestampMs: 1 } })).toHaveLength(1);
  });

  it('is refused when the log has nothing there, unless compaction may have taken it', () => {
    expect(check({ found: 'nothing' })).toMatchObject([{ check: 'topic-identity' }]);
    expect(check({ found: 'nothing' }, 'compact')).toEqual([]);
  });

  it('is not doubted for what the log does not reach back to, nor for a record that was no event', () => {
    const { last: _last, found: _found, ...unknown } = live;
    expect(check({ nextOffset: 10n, found: 'nothing' })).toEqual([]);
    expect(checkRebuild(factsWith({ live: [unknown] }))).toEqual([]);
  });

  it('is not taken on trust when nobody looked', () => {
    const { found: _found, ...unseen } = live;
    expect(checkRebuild(factsWith({ live: [unseen] }))).toMatchObject([
      { check: 'topic-identity', reason: expect.stringContaining('not known') as string },
    ]);
  });
});

describe('what was found in the log', () => {
  const record = (headers: Readonly<Record<string, string>>): LogRecord =>
    new LooseRecord({
      topic: 'orders',
      partition: 0,
      offset: 29n,
      timestampMs: 981_000_000_000,
      headers: Object.entries(headers).map(([name, value]) => [name, Buffer.from(value)]),
    });

  it('is nothing, an event with its time, or a record that equals no event', () => {
    expect(foundAt(undefined)).toBe('nothing');
    expect(check({ found: foundAt(record({ ce_id: 'order-7', ce_source: '/specs' })) })).toEqual([]);
    expect(check({ found: foundAt(record({})) })).toMatchObject([
      { reason: expect.stringContaining('no event') as string },
    ]);
  });
});
