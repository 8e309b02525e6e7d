import { listOrder } from './list-order';
import type { Filter } from './list-order';

const flights = {
  name: 'flight',
  keyName: 'id',
  indexes: [['origin', 'departedAt'], ['gate'], ['origin', 'airline', 'miles']],
  queryable: ['delay'],
};
const eq = (column: string): Filter => ({ column, operator: 'eq', value: 'x' });
const gt = (column: string): Filter => ({ column, operator: 'gt', value: 'x' });
const oneOf = (column: string): Filter => ({ column, operator: 'in', values: ['x'] });
const unset = (column: string): Filter => ({ column, operator: 'null', isNull: true });
const isSet = (column: string): Filter => ({ column, operator: 'null', isNull: false });

const columnsOf = (filters: readonly Filter[], sort?: string) =>
  listOrder(flights, filters, sort === undefined ? undefined : { column: sort, descending: false }).columns;

describe('the order of a list', () => {
  it.each([
    ['no filter', [], undefined, ['id']],
    ['the key', [gt('id')], 'id', ['id']],
    ['the first column of an index', [eq('origin')], undefined, ['departedAt', 'id']],
    ['a range of it', [gt('gate')], undefined, ['gate', 'id']],
    ['a range with both its ends', [gt('gate'), gt('gate')], 'gate', ['gate', 'id']],
    ['a list of values', [oneOf('gate')], 'gate', ['gate', 'id']],
    ['what is set', [isSet('gate')], 'gate', ['gate', 'id']],
    ['what is unset, like one value', [unset('origin'), gt('departedAt')], undefined, ['departedAt', 'id']],
    ['equality and then a range', [eq('origin'), gt('departedAt')], 'departedAt', ['departedAt', 'id']],
    ['all columns of an index', [eq('origin'), eq('departedAt')], undefined, ['id']],
    ['an index and the key', [eq('gate'), gt('id')], undefined, ['id']],
    ['a longer index', [eq('airline'), eq('origin'), gt('miles')], undefined, ['miles', 'id']],
    [
      'another index than the first that has the column',
      [eq('origin')],
      'airline',
      ['airline', 'miles', 'id'],
    ],
    ['a sort alone', [], 'origin', ['origin', 'departedAt', 'id']],
    ['a sort by what is the same in all rows', [eq('gate')], 'gate', ['id']],
    ['what may be queried without an index', [gt('delay')], undefined, ['id']],
    ['that and a sort by it', [gt('delay')], 'delay', ['delay', 'id']],
    ['that beside an index', [eq('origin'), gt('delay')], 'departedAt', ['departedAt', 'id']],
    ['an index, and a sort by what needs none', [eq('origin')], 'delay', ['delay', 'id']],
  ])('by %s goes along the index that serves it', (_what, filters, sort, columns) => {
    expect(columnsOf(filters, sort)).toEqual(columns);
  });

  it.each([
    ['a column of no index', [eq('airport')], undefined],
    ['the second column of an index alone', [eq('departedAt')], undefined],
    ['two ranges', [gt('origin'), gt('departedAt')], undefined],
    ['what lies behind a range', [oneOf('origin'), eq('departedAt')], undefined],
    ['columns of two indexes', [eq('origin'), eq('gate')], undefined],
    ['a sort that the index does not have next', [eq('origin')], 'gate'],
    ['a sort by the key across an index that goes on', [eq('origin')], 'id'],
    ['a sort by a column of no index', [], 'miles'],
  ])('is refused for %s, and says what is served', (_what, filters, sort) => {
    expect(() => columnsOf(filters, sort)).toThrow(
      expect.objectContaining({
        code: 'NOT_SERVED',
        message: expect.stringContaining(
          'Served are id, (origin, departedAt), (gate), (origin, airline, miles); and delay in any way.',
        ) as string,
      }) as Error,
    );
  });

  it('has one direction, and what is the same in all rows before it', () => {
    const sort = { column: 'departedAt', descending: true };
    expect(listOrder(flights, [unset('origin')], sort)).toEqual({
      fixed: ['origin'],
      columns: ['departedAt', 'id'],
      descending: true,
    });
  });
});
