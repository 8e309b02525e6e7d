import type { EventType } from '@millrace/contracts';
import { defineAggregate, defineEntity } from '@millrace/projecting';
import type { Projection, ProjectionBuild } from '@millrace/projecting';

/** An event type as far as a projection looks at it. */
export const Counted: EventType<{ readonly amount: bigint }> = {
  type: 'trial.Counted',
  topic: 'trial',
  subject: 'trial-trial.Counted',
  keyField: undefined,
  schema: { type: 'record', name: 'Counted', namespace: 'trial', fields: [] },
};

/** An entity with a column of every type, under a name of its own. */
export function everyColumn(name: string, version = 1, indexes: Projection['indexes'] = []): Projection {
  return defineEntity({
    name,
    version,
    key: 'thingId',
    columns: {
      aText: 'text',
      anInteger: 'integer',
      aBigint: 'bigint',
      aDouble: 'double',
      aDecimal: 'decimal',
      aBoolean: 'boolean',
      aTimestamp: 'timestamp',
      aDate: 'date',
      aJson: 'json',
    },
    indexes: indexes as readonly 'aText'[][],
    folds: (fold) => [fold(Counted, (state) => state)],
  });
}

/** An aggregate with a column of every merge. */
export function everyMerge(name: string): Projection {
  return defineAggregate({
    name,
    version: 1,
    key: 'thingId',
    columns: {
      total: { type: 'bigint', merge: 'sum' },
      count: { type: 'integer', merge: 'sum' },
      least: { type: 'text', merge: 'min' },
      latest: { type: 'timestamp', merge: 'max' },
      paid: { type: 'decimal', merge: 'sum' },
      highest: { type: 'decimal', merge: 'max' },
      first: { type: 'date', merge: 'min' },
      all: { type: 'boolean', merge: 'and' },
      any: { type: 'boolean', merge: 'or' },
    },
    empty: {
      ...{ total: 0n, count: 0, least: '', latest: new Date(0), paid: '0', highest: '0' },
      ...{ first: '9999-12-31', all: true, any: false },
    },
    folds: (fold) => [
      fold(
        Counted,
        () => 'all',
        (state) => state,
      ),
    ],
  });
}

/** The build that a projection begins with. */
export function firstBuild({ name, version }: Projection): ProjectionBuild {
  return { projection: name, version, build: 1 };
}
