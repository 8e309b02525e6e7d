import type { EventType } from '@millrace/contracts';
import { defineAggregate, defineEntity } from './define-projection';
import { unstorable } from './unstorable';

const Happened: EventType<object> = {
  ...{ type: 'trial.Happened', topic: 'trial', subject: 'trial-trial.Happened', keyField: undefined },
  schema: { type: 'record', name: 'Happened', namespace: 'trial', fields: [] },
};
const entity = defineEntity({
  ...{ name: 'trial', version: 1, key: 'id' },
  columns: {
    ...{ text: 'text', integer: 'integer', bigint: 'bigint', double: 'double', decimal: 'decimal' },
    ...{ boolean: 'boolean', timestamp: 'timestamp', date: 'date', json: 'json' },
  },
  folds: (fold) => [fold(Happened, (state) => state)],
});
const problemOf = (change: object, before: object = entity.empty) =>
  unstorable(entity, { ...entity.empty, ...before }, { ...entity.empty, ...change });

describe('a state that a fold gave', () => {
  it.each([
    ['text', 'a\0b'],
    ['integer', 1.5],
    ['integer', 2 ** 31],
    ['integer', Number.NaN],
    ['integer', 2n ** 31n],
    ['bigint', 2n ** 63n],
    ['bigint', -(2n ** 63n) - 1n],
    ['bigint', 1e21],
    ['decimal', '1,5'],
    ['decimal', ''],
    ['timestamp', new Date(Number.NaN)],
    ['date', '2021-02-29'],
    ['date', '2021-13-01'],
    ['date', '0000-01-01'],
    ['date', 'yesterday'],
    ['json', { note: 'a\0b' }],
    ['json', '\ud800'],
    ['json', 5n],
    ['json', () => 1],
    ['json', 'x'.repeat(65_536)],
  ])('cannot be a row with such a %s', (column, value) => {
    expect(problemOf({ [column]: value })).toContain(`gave column ${column} `);
  });

  it.each([
    ['text', 'ä\ud800'],
    ['integer', -(2 ** 31)],
    ['bigint', -(2n ** 63n)],
    ['bigint', 5],
    ['double', Number.POSITIVE_INFINITY],
    ['decimal', '-12.30'],
    ['decimal', '1e3'],
    ['boolean', false],
    ['timestamp', new Date(0)],
    ['date', '2024-02-29'],
    ['date', '0099-12-31'],
    ['json', { note: '\\u0000' }],
    ['json', null],
    ['json', '\u{1f600}'],
  ])('can be a row with such a %s', (column, value) => {
    expect(problemOf({ [column]: value })).toBeUndefined();
  });

  it('is not looked at where the event has changed nothing', () => {
    const note = {
      toJSON: () => {
        throw new Error('it was asked');
      },
    } as unknown;
    expect(problemOf({ json: note, integer: 2 }, { json: note })).toBeUndefined();
  });

  it('of an aggregate has a value in each column', () => {
    const aggregate = defineAggregate({
      ...{ name: 'trial', version: 1, key: 'id', columns: { sum: { type: 'integer', merge: 'sum' } } },
      empty: { sum: 0 },
      folds: (fold) => [
        fold(
          Happened,
          () => 'all',
          (state) => state,
        ),
      ],
    });
    expect(unstorable(aggregate, { sum: 1 }, {})).toContain('an aggregate has a value in each');
    expect(unstorable(aggregate, { sum: 1 }, { sum: 2 })).toBeUndefined();
  });
});
