import { shapeOf, defineEntity, listOrder } from '@millrace/projecting';
import type { EventType } from '@millrace/contracts';
import fc from 'fast-check';
import { formatCursor, parseCursor } from './cursor';
import type { ListQuery } from './cursor';

const Seen: EventType<object> = {
  ...{ type: 'trial.Seen', topic: 'trial', subject: 'trial-trial.Seen', keyField: undefined },
  schema: { type: 'record', name: 'Seen', namespace: 'trial', fields: [] },
};

function thing(version: number, indexes: readonly ('label' | 'size')[][]) {
  return shapeOf(
    defineEntity({
      ...{ name: 'thing', version, key: 'id', columns: { label: 'text', size: 'double' }, indexes },
      folds: (fold) => [fold(Seen, (row) => row)],
    }),
  );
}

const shape = thing(1, [['label', 'size']]);
const listBy = (of: typeof shape, filters: ListQuery['filters'] = []): ListQuery => ({
  filters,
  order: listOrder(of, filters, { column: 'label', descending: false }),
});

describe('a cursor', () => {
  const values = fc.tuple(
    fc.option(fc.string({ unit: 'grapheme', maxLength: 200 })),
    fc.option(fc.constantFrom('0.1', 'NaN', '-Infinity', '1e+300')),
    fc.string({ unit: 'binary', maxLength: 200 }),
  );

  it('gives the values back that it was made of', () => {
    fc.assert(
      fc.property(values, (given) => {
        const cursor = formatCursor(shape, listBy(shape), given);
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(parseCursor(cursor, shape, listBy(shape))).toEqual(given);
      }),
    );
  });

  it('of another version, list or set of indexes is refused as what it is', () => {
    const given = formatCursor(shape, listBy(shape), ['a', null, 'k']);
    const wider = thing(1, [['label']]);
    const later = thing(2, [['label', 'size']]);
    expect(() => parseCursor(given, later, listBy(later))).toThrow(
      'is of version 1 of projection thing, and version 2',
    );
    expect(() => parseCursor(given, wider, listBy(wider))).toThrow('was given for another list');
    const filtered = listBy(shape, [{ column: 'label', operator: 'gt', value: 'x' }]);
    expect(() => parseCursor(given, shape, filtered)).toThrow('was given for another list');
  });

  it('that is made of anything else is refused, and nothing worse', () => {
    const [, hash] = JSON.parse(
      Buffer.from(formatCursor(shape, listBy(shape), ['a', null, 'k']), 'base64url').toString(),
    ) as [number, string];
    const content = fc.oneof(
      fc.json(),
      fc.json().map((values) => `[1,"${hash}",${values}]`),
      fc.array(fc.option(fc.string())).map((values) => JSON.stringify([1, hash, values])),
    );
    const isLegal = (found: readonly unknown[]) => found.length === 3 && typeof found[2] === 'string';
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          content.map((text) => Buffer.from(text).toString('base64url')),
        ),
        (text) => {
          try {
            expect(isLegal(parseCursor(text, shape, listBy(shape)))).toBe(true);
          } catch (error) {
            expect((error as { code: string }).code).toMatch(
              /^(INVALID_CURSOR|CURSOR_MISMATCH|CURSOR_VERSION)$/,
            );
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
