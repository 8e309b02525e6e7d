import type { Catalogue, EventType } from '@millrace/contracts';
import type { Database } from '@millrace/postgres';
import { defineEntity } from '@millrace/projecting';
import { declaredTopic } from '@millrace/testing';
import { HostedProjection } from './hosted-projection';

const Paid: EventType<{ readonly amount: number }> = {
  type: 'trial.Paid',
  topic: 'trial',
  subject: 'trial-trial.Paid',
  keyField: undefined,
  schema: { type: 'record', name: 'Paid', namespace: 'trial', fields: [] },
};
const Refunded = { ...Paid, type: 'trial.Refunded' };
// It is not asked for anything here.
const database = {} as Database;

function catalogue(cleanup: 'delete' | 'compact', events: readonly EventType[] = [Paid]): Catalogue {
  const topic = declaredTopic('trial', { cleanup, events: events.map(({ type }) => type) });
  return { topics: [topic], events };
}

function payments(
  version: number,
  compaction: { latestWins?: boolean; tombstones?: 'delete' | 'ignore' } = {},
) {
  return defineEntity({
    name: 'payments',
    version,
    key: 'account',
    columns: { amount: 'integer' },
    ...compaction,
    folds: (fold) => [fold(Paid, (row, { amount }) => ({ ...row, amount }))],
  });
}

describe('a hosted projection', () => {
  it('may be there in several versions, and says which one it takes for live until it has looked', () => {
    const hosted = new HostedProjection(
      [payments(1), payments(3), payments(2)],
      database,
      catalogue('delete'),
    );
    expect(hosted.projection.version).toBe(3);
    hosted.markLive(1);
    expect(hosted.projection.version).toBe(1);
  });

  it('is refused when two folders define the same version', () => {
    const twice = () => new HostedProjection([payments(1), payments(1)], database, catalogue('delete'));
    expect(twice).toThrow('two folders of PROJECTIONS define its version 1');
  });

  it('is refused when it does not decide on an event type of its topics', () => {
    const undecided = () =>
      new HostedProjection([payments(1)], database, catalogue('delete', [Paid, Refunded]));
    expect(undecided).toThrow('trial.Refunded is published to trial, and it neither folds nor ignores it');
  });

  it('reads a compacted topic only when its latest event says all, and a key that is deleted in it has no row', () => {
    const reads = (compaction: Parameters<typeof payments>[1]) => () =>
      new HostedProjection([payments(1, compaction)], database, catalogue('compact'));
    expect(reads({ tombstones: 'delete' })).toThrow('trial is compacted, which removes events');
    expect(reads({ latestWins: true })).toThrow("it does not declare tombstones: 'delete'");
    expect(reads({ latestWins: true, tombstones: 'ignore' })).toThrow(
      "it does not declare tombstones: 'delete'",
    );
    expect(reads({ latestWins: true, tombstones: 'delete' })).not.toThrow();
  });
});
