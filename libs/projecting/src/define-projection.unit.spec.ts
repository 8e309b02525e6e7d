import type { EventType } from '@millrace/contracts';
import { defineAggregate, defineEntity } from './define-projection';

function eventType(type: string, topic: string): EventType<{ readonly id: string }> {
  const schema = { type: 'record', name: type, fields: [] } as const;
  return { type, topic, subject: `${topic}-${type}`, keyField: 'id', schema };
}

const Landed = eventType('Landed', 'flights');
const Paid = eventType('Paid', 'bookings');

describe('a projection', () => {
  it('starts an entity with nothing set', () => {
    const projection = defineEntity({
      name: 'flight',
      version: 3,
      key: 'id',
      columns: { origin: 'text', miles: 'integer' },
      folds: (fold) => [fold(Landed, (state) => state)],
    });
    expect(projection).toMatchObject({
      kind: 'entity',
      topics: ['flights'],
      empty: { origin: null, miles: null },
      repeatsWithinOffsets: 20_000,
    });
  });

  it('sums up several topics as an aggregate, and not as an entity', () => {
    const aggregate = defineAggregate({
      name: 'both',
      version: 1,
      key: 'id',
      columns: { count: { type: 'integer', merge: 'sum' } },
      empty: { count: 0 },
      folds: (fold) => [
        fold(
          Landed,
          ({ id }) => id,
          (state) => state,
        ),
        fold(
          Paid,
          ({ id }) => id,
          (state) => state,
        ),
      ],
    });
    expect(aggregate.topics).toEqual(['flights', 'bookings']);
    expect(() =>
      defineEntity({
        name: 'both',
        version: 1,
        key: 'id',
        columns: { count: 'integer' },
        folds: (fold) => [fold(Landed, (state) => state), fold(Paid, (state) => state)],
      }),
    ).toThrow('an entity folds one topic: events of several topics have no order among each other');
  });

  it('is refused with every problem of its columns at once', () => {
    const define = () =>
      defineAggregate({
        name: 'Bad-Name',
        version: 0,
        key: 'label',
        columns: {
          label: { type: 'text', merge: 'sum' },
          'drop table': { type: 'boolean', merge: 'max' },
          at: { type: 'timestamp', merge: 'sum' },
          day: { type: 'date', merge: 'or' },
          any: { type: 'json' as never, merge: 'max' },
        },
        empty: { label: '', 'drop table': false, at: new Date(0), day: '', any: 0 as never },
        tombstones: 'delete' as never,
        folds: () => [],
      });
    const problems = [
      'its name must match ^[a-z][A-Za-z0-9]{0,40}$',
      'its version must be a whole number from 1',
      'column drop table must match ^[a-z][A-Za-z0-9]{0,40}$',
      'label is both its key and a column',
      'column label of type text cannot be summed',
      'column drop table of type boolean is merged by and or or',
      'column at of type timestamp cannot be summed',
      'column day of type date is no boolean, and cannot be merged by or',
      'column any of type json cannot be merged',
      'an aggregate cannot delete by tombstones: other partitions hold a part of the row',
      'it folds no event type',
    ];
    expect(define).toThrow(
      expect.objectContaining({
        code: 'INVALID_PROJECTION',
        context: { projection: 'Bad-Name', problems },
      }) as Error,
    );
  });

  it('is refused when two of its columns become one in the database, or one is the platform’s', () => {
    const define = (columns: Record<string, 'text'>, key = 'id') =>
      defineEntity({
        name: 'thing',
        version: 1,
        key,
        columns,
        folds: (fold) => [fold(Landed, (state) => state)],
      });
    expect(() => define({ aB: 'text' }, 'a_b')).toThrow('column a_b must match');
    expect(() => define({ sourceTopic: 'text', sourcePartition: 'text' })).toThrow(
      /sourceTopic is a column of the platform.*sourcePartition is a column of the platform/,
    );
  });

  it('is refused when it folds an event type twice, or both folds and ignores it', () => {
    const define = (ignores: readonly EventType[]) =>
      defineEntity({
        name: 'thing',
        version: 1,
        key: 'id',
        columns: { label: 'text' },
        folds: (fold) => [fold(Landed, (state) => state), fold(Landed, (state) => state)],
        ignores,
      });
    expect(() => define([])).toThrow('it folds Landed twice');
    expect(() => define([Landed])).toThrow('it both folds and ignores Landed');
  });
});
