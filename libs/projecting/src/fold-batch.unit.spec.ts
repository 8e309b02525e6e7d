import type { EventType } from '@millrace/contracts';
import * as fc from 'fast-check';
import { defineAggregate, defineEntity } from './define-projection';
import { foldBatch, keysOf } from './fold-batch';
import type { EventToFold } from './fold-batch';
import type { Projection, State } from './projection';

function eventType<Payload>(type: string): EventType<Payload> {
  const schema = { type: 'record', name: type, fields: [] } as const;
  return { type, topic: 'trial', subject: `trial-${type}`, keyField: undefined, schema };
}

const Set_ = eventType<{ readonly value: string }>('Set');
const Added = eventType<{ readonly to: string; readonly amount: number }>('Added');
const Noted = eventType<object>('Noted');

const entity = defineEntity({
  name: 'thing',
  version: 1,
  key: 'id',
  columns: { values: 'text' },
  folds: (fold) => [fold(Set_, ({ values }, { value }) => ({ values: `${values ?? ''}${value}` }))],
  ignores: [Noted],
});

const aggregate = defineAggregate({
  name: 'sums',
  version: 1,
  key: 'id',
  columns: { total: { type: 'bigint', merge: 'sum' } },
  empty: { total: 0n },
  folds: (fold) => [
    fold(
      Added,
      ({ to }) => to.toUpperCase(),
      ({ total }, { amount }) => ({ total: total + BigInt(amount) }),
    ),
  ],
});

let offset = 0n;
const plain = { extension: () => undefined };
function event(type: string, payload: unknown, key: string | null = null): EventToFold {
  const place = { topic: 'trial', partition: 2, offset: (offset += 1n) };
  const metadata = { id: `e-${offset}`, source: '/trial', type, time: new Date(0), key, ...place, ...plain };
  return { type, payload, metadata };
}

/** What a fold of a run must equal: each event on its own, its row written and read again. */
function foldOneByOne(projection: Projection, events: readonly EventToFold[]): Map<string, State> {
  const table = new Map<string, State>();
  for (const each of events) {
    for (const [key, state] of foldBatch(projection, table, [each])) table.set(key, state);
  }
  return table;
}

const keys = fc.constantFrom('a', 'b', 'c');

describe('folding a run of events', () => {
  it('gives what folding them one by one gives, however they are cut into runs', () => {
    const entityEvents = fc.array(fc.tuple(keys, fc.string({ maxLength: 2 })), { maxLength: 30 });
    fc.assert(
      fc.property(
        entityEvents,
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        (values, cuts) => {
          const events = values.map(([key, value]) => event('Set', { value }, key));
          const table = new Map<string, State>();
          for (let from = 0, run = 0; from < events.length; run++) {
            const to = from + cuts[run % cuts.length]!;
            for (const [key, state] of foldBatch(entity, table, events.slice(from, to)))
              table.set(key, state);
            from = to;
          }
          expect(table).toEqual(foldOneByOne(entity, events));
        },
      ),
    );
  });

  it('writes each key once, leaves the loaded rows alone, and starts a new key from the empty state', () => {
    const loaded = new Map<string, State>([
      ['A', { total: 5n }],
      ['C', { total: 9n }],
    ]);
    const events = [
      event('Added', { to: 'a', amount: 2 }),
      event('Added', { to: 'b', amount: 3 }),
      event('Added', { to: 'a', amount: 4 }),
    ];
    expect(foldBatch(aggregate, loaded, events)).toEqual(
      new Map([
        ['A', { total: 11n }],
        ['B', { total: 3n }],
      ]),
    );
    expect(loaded.get('A')).toEqual({ total: 5n });
  });

  it('names the keys that it will read, and none for what it ignores', () => {
    const events = [
      event('Set', { value: '1' }, 'x'),
      event('Noted', {}, 'y'),
      event('Set', { value: '2' }, 'x'),
    ];
    expect(keysOf(entity, events)).toEqual(['x', 'x']);
    expect(foldBatch(entity, new Map(), events)).toEqual(new Map([['x', { values: '12' }]]));
  });

  it.each([
    [
      'a type that it neither folds nor ignores',
      () => event('Unheard', {}, 'x'),
      /neither folds nor ignores Unheard/,
    ],
    ['a record without a key', () => event('Set', { value: '1' }), /the record has no key/],
  ])('refuses %s, and says where it is', (_what, make, reason) => {
    const unfit = make();
    for (const fold of [() => keysOf(entity, [unfit]), () => foldBatch(entity, new Map(), [unfit])]) {
      expect(fold).toThrow(
        expect.objectContaining({
          code: 'FOLD_FAILED',
          message: expect.stringMatching(reason) as string,
        }) as Error,
      );
      expect(fold).toThrow(`trial/2/${unfit.metadata.offset}`);
    }
  });

  it.each([
    ['a fold', 'Added', { to: 'a', amount: 0.5 }, /its fold of Added threw: .*0\.5/],
    ['a key', 'Added', { amount: 1 }, /its key of Added threw: .*toUpperCase/],
  ])('says which record made %s throw', (_what, type, payload, reason) => {
    const failing = event(type, payload);
    expect(() => foldBatch(aggregate, new Map(), [failing])).toThrow(
      expect.objectContaining({
        code: 'FOLD_FAILED',
        message: expect.stringMatching(reason) as string,
        context: {
          projection: 'sums',
          topic: 'trial',
          partition: 2,
          offset: String(failing.metadata.offset),
        },
      }) as Error,
    );
  });
});
