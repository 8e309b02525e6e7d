import type { EventType } from '@millrace/contracts';
import * as fc from 'fast-check';
import { defineAggregate, defineEntity } from './define-projection';
import { foldBatch, withKeys } from './fold-batch';
import type { EventToFold, FoldedRows, TombstoneToFold } from './fold-batch';
import type { Projection, State } from './projection';

function eventType<Payload>(type: string): EventType<Payload> {
  const schema = { type: 'record', name: type, fields: [] } as const;
  return { type, topic: 'trial', subject: `trial-${type}`, keyField: undefined, schema };
}

const Set_ = eventType<{ readonly value: string }>('Set');
const Added = eventType<{ readonly to: string; readonly amount: number }>('Added');
const Noted = eventType<object>('Noted');
const Removed = eventType<object>('Removed');

const entity = defineEntity({
  name: 'thing',
  version: 1,
  key: 'id',
  columns: { values: 'text' },
  tombstones: 'delete',
  folds: (fold) => [
    fold(Set_, ({ values }, { value }) => ({ values: `${values ?? ''}${value}` })),
    fold(Removed, () => null),
  ],
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

type Trial = EventToFold | TombstoneToFold;
const tombstone = (key: string | null): TombstoneToFold => ({
  topic: 'trial',
  partition: 2,
  offset: (offset += 1n),
  key,
});

const keysOf = (projection: Projection, records: readonly Trial[]): string[] =>
  withKeys(projection, records).map(({ key }) => key);

function fold(
  projection: Projection,
  loaded: ReadonlyMap<string, State>,
  records: readonly Trial[],
): FoldedRows {
  return foldBatch(projection, loaded, withKeys(projection, records));
}

/** What a fold of a run must equal: each event on its own, its row written and read again. */
function foldOneByOne(projection: Projection, records: readonly Trial[]): Map<string, State> {
  const table = new Map<string, State>();
  for (const each of records) foldInto(table, projection, [each]);
  return table;
}

function foldInto(table: Map<string, State>, projection: Projection, records: readonly Trial[]): void {
  for (const [key, state] of fold(projection, table, records)) {
    if (state === null) table.delete(key);
    else table.set(key, state);
  }
}

const keys = fc.constantFrom('a', 'b', 'c');
const [TOMBSTONE, REMOVED] = ['a tombstone', 'removed'];
const deletion = fc.constantFrom(TOMBSTONE, REMOVED);

const unprepared: Projection = { ...entity, tombstones: undefined };

describe('folding a run of events', () => {
  it('gives what folding them one by one gives, however they are cut into runs', () => {
    const entityEvents = fc.array(fc.tuple(keys, fc.oneof(fc.string({ maxLength: 2 }), deletion)), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(
        entityEvents,
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        (values, cuts) => {
          const events = values.map(([key, value]): Trial => {
            if (value === TOMBSTONE) return tombstone(key);
            return value === REMOVED ? event('Removed', {}, key) : event('Set', { value }, key);
          });
          const table = new Map<string, State>();
          for (let from = 0, run = 0; from < events.length; run++) {
            const to = from + cuts[run % cuts.length]!;
            foldInto(table, entity, events.slice(from, to));
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
    expect(fold(aggregate, loaded, events)).toEqual(
      new Map([
        ['A', { total: 11n }],
        ['B', { total: 3n }],
      ]),
    );
    expect(loaded.get('A')).toEqual({ total: 5n });
  });

  it('says which rows are gone, and begins a deleted key again from the empty state', () => {
    const loaded = new Map<string, State>(['a', 'b', 'c'].map((key) => [key, { values: 'before' }]));
    const records = [
      tombstone('a'),
      event('Removed', {}, 'b'),
      tombstone('c'),
      event('Set', { value: 'after' }, 'c'),
      event('Removed', {}, 'never there'),
    ];
    expect(keysOf(entity, records)).toEqual(['a', 'b', 'c', 'c', 'never there']);
    expect(Object.fromEntries(fold(entity, loaded, records))).toEqual({
      ...{ a: null, b: null, c: { values: 'after' }, 'never there': null },
    });
  });

  it('passes over the events and tombstones of keys that are none of those to fold, whoever gives the key', () => {
    const only = (key: string) => key === 'B';
    const added = ['a', 'b', 'a'].map((to) => event('Added', { to, amount: 2 }));
    expect(keysOf({ ...aggregate, only }, added)).toEqual(['B']);
    expect(fold({ ...aggregate, only }, new Map(), added)).toEqual(new Map([['B', { total: 2n }]]));
    const records = [event('Set', { value: 'x' }, 'A'), tombstone('A'), event('Set', { value: 'y' }, 'B')];
    expect(fold({ ...entity, only }, new Map(), records)).toEqual(new Map([['B', { values: 'y' }]]));
  });

  it('passes tombstones over where that is declared, also those without a key', () => {
    const ignoring = { ...aggregate, tombstones: 'ignore' } as const;
    expect(keysOf(ignoring, [tombstone('a'), tombstone(null)])).toEqual([]);
    expect(fold(ignoring, new Map(), [tombstone('a'), tombstone(null)])).toEqual(new Map());
  });

  it('names the keys that it will read, and none for what it ignores', () => {
    const events = [
      event('Set', { value: '1' }, 'x'),
      event('Noted', {}, 'y'),
      event('Set', { value: '2' }, 'x'),
    ];
    expect(keysOf(entity, events)).toEqual(['x', 'x']);
    expect(fold(entity, new Map(), events)).toEqual(new Map([['x', { values: '12' }]]));
  });

  it.each([
    [
      'a type that it neither folds nor ignores',
      () => event('Unheard', {}, 'x'),
      /neither folds nor ignores Unheard/,
    ],
    ['a record without a key', () => event('Set', { value: '1' }), /the record has no key/],
    ['a tombstone without a key', () => tombstone(null), /the record has no key/],
    ['a tombstone that it does not expect', () => tombstone('x'), /declares no tombstones/, unprepared],
  ])('refuses %s, and says where it is', (_what, make, reason, projection = entity) => {
    const unfit = make();
    const { offset: at } = 'metadata' in unfit ? unfit.metadata : unfit;
    const refused = () => withKeys(projection, [unfit]);
    expect(refused).toThrow(
      expect.objectContaining({
        code: 'FOLD_FAILED',
        message: expect.stringMatching(reason) as string,
      }) as Error,
    );
    expect(refused).toThrow(`trial/2/${at}`);
  });

  it('refuses a fold that gives nothing, and one of an aggregate that deletes', () => {
    const giving = (projection: Projection, state: unknown): Projection => ({
      ...projection,
      folds: new Map([['Added', { key: () => 'a', apply: () => state as State }]]),
    });
    const folding = (projection: Projection) => () => fold(projection, new Map(), [event('Added', {}, 'a')]);
    expect(folding(giving(entity, undefined))).toThrow('its fold of Added gave nothing');
    expect(folding(giving(aggregate, null))).toThrow(
      'its fold of Added gave null: an aggregate cannot delete',
    );
    expect(folding(giving(entity, null))()).toEqual(new Map([['a', null]]));
  });

  it.each([
    ['a fold', 'Added', { to: 'a', amount: 0.5 }, /its fold of Added threw: .*0\.5/],
    ['a key', 'Added', { amount: 1 }, /its key of Added threw: .*toUpperCase/],
  ])('says which record made %s throw', (_what, type, payload, reason) => {
    const failing = event(type, payload);
    expect(() => fold(aggregate, new Map(), [failing])).toThrow(
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
