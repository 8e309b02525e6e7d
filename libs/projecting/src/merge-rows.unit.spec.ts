import type { EventType } from '@millrace/contracts';
import * as fc from 'fast-check';
import { defineAggregate, defineEntity } from './define-projection';
import { addDecimals, compareDecimals } from './decimal';
import { foldBatch, withKeys } from './fold-batch';
import type { EventToFold } from './fold-batch';
import { mergeStates } from './merge-rows';
import type { State } from './projection';

const Measured: EventType<{ readonly amount: bigint; readonly at: Date; readonly label: string }> = {
  type: 'Measured',
  topic: 'trial',
  subject: 'trial-Measured',
  keyField: undefined,
  schema: { type: 'record', name: 'Measured', fields: [] },
};

const dayOf = (at: Date) => at.toISOString().slice(0, 10);

const projection = defineAggregate({
  name: 'measures',
  version: 1,
  key: 'id',
  columns: {
    total: { type: 'bigint', merge: 'sum' },
    count: { type: 'integer', merge: 'sum' },
    smallest: { type: 'bigint', merge: 'min' },
    last: { type: 'timestamp', merge: 'max' },
    greatest: { type: 'text', merge: 'max' },
    paid: { type: 'decimal', merge: 'sum' },
    highest: { type: 'decimal', merge: 'max' },
    first: { type: 'date', merge: 'min' },
    all: { type: 'boolean', merge: 'and' },
    any: { type: 'boolean', merge: 'or' },
  },
  empty: {
    ...{ total: 0n, count: 0, smallest: 2n ** 63n - 1n, last: new Date(0), greatest: '' },
    ...{ paid: '0', highest: '-1000', first: '9999-12-31', all: true, any: false },
  },
  folds: (fold) => [
    fold(
      Measured,
      () => 'all',
      (state, { amount, at, label }) => ({
        total: state.total + amount,
        count: state.count + 1,
        smallest: amount < state.smallest ? amount : state.smallest,
        last: at > state.last ? at : state.last,
        greatest: label > state.greatest ? label : state.greatest,
        paid: addDecimals(state.paid, String(amount)),
        highest: compareDecimals(String(amount), state.highest) > 0 ? String(amount) : state.highest,
        first: dayOf(at) < state.first ? dayOf(at) : state.first,
        all: state.all && amount > 0n,
        any: state.any || amount > 0n,
      }),
    ),
  ],
});

const decimal = fc
  .tuple(fc.integer({ min: -3, max: 3 }), fc.constantFrom('', '.0', '.5', '.50', '.25'))
  .map(([n, rest]) => `${n}${rest}`);
const days = { min: new Date('0001-01-01'), max: new Date('9999-12-31') };
const state: fc.Arbitrary<State> = fc.record({
  total: fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }),
  count: fc.integer(),
  smallest: fc.bigInt(),
  last: fc.date({ noInvalidDate: true }),
  greatest: fc.string(),
  paid: decimal,
  highest: decimal,
  first: fc.date({ ...days, noInvalidDate: true }).map(dayOf),
  all: fc.boolean(),
  any: fc.boolean(),
});

describe('merging partial rows', () => {
  const merge = (a: State, b: State) => mergeStates(projection, a, b);

  it('is associative and commutative', () => {
    fc.assert(
      fc.property(state, state, state, (a, b, c) => {
        expect(merge(a, b)).toEqual(merge(b, a));
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
      }),
    );
  });

  it('gives what one fold of all events gives, however they lie in partitions', () => {
    const events = fc.array(
      fc.tuple(
        fc.nat(3),
        fc.bigInt({ min: -1000n, max: 1000n }),
        fc.date({ ...days, noInvalidDate: true, min: new Date(0) }),
        fc.string(),
      ),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(events, (measures) => {
        const all = measures.map(([partition, amount, at, label], index): EventToFold => {
          const place = { topic: 'trial', partition, offset: BigInt(index) };
          const metadata = {
            id: String(index),
            source: '/',
            type: 'Measured',
            time: at,
            key: null,
            extension: () => undefined,
            ...place,
          };
          return { type: 'Measured', payload: { amount, at, label }, metadata };
        });
        const foldOf = (some: readonly EventToFold[]) =>
          foldBatch(projection, new Map(), withKeys(projection, some)).get('all') ?? undefined;
        const partials = [0, 1, 2, 3].map((of) =>
          foldOf(all.filter(({ metadata }) => metadata.partition === of)),
        );
        expect(partials.filter((each) => each !== undefined).reduce(merge)).toEqual(foldOf(all));
      }),
    );
  });

  it('is refused to an entity, which has one row a key', () => {
    const entity = defineEntity({
      name: 'thing',
      version: 1,
      key: 'id',
      columns: { label: 'text' },
      folds: (fold) => [fold(Measured, (_state, { label }) => ({ label }))],
    });
    expect(() => mergeStates(entity, { label: 'a' }, { label: 'b' })).toThrow('nothing to merge');
  });
});
