import type { ListOrder, ProjectionShape } from '@millrace/projecting';
import { columnName, sqlType } from '../read-model-sql';
import type { OrderValues } from './list-request';
import type { Parameters } from './parameters';

/**
 * What lies behind a row, as ranges of the index that follow each other: the conditions of each, which all have to hold.
 * An ascending index has nulls at its end, so that ascending they come last, and descending, read backwards, first.
 */
export function behind(
  shape: ProjectionShape,
  { columns, descending }: ListOrder,
  values: OrderValues,
  parameters: Parameters,
): string[][] {
  const at = columns.map((name, index) => {
    const column = `r.${columnName(name)}`;
    const value = values[index] ?? null;
    const parameter = value === null ? undefined : parameters.add(value, sqlType(shape, name));
    const same = parameter === undefined ? `${column} IS NULL` : `${column} = ${parameter}`;
    return { same, further: further(column, parameter, { descending, isNullable: isNullable(shape, name) }) };
  });
  return columns
    .map((_, index) => index)
    .toReversed()
    .flatMap((index) => {
      const same = at.slice(0, index).map((each) => each.same);
      return (at[index]?.further ?? []).map((condition) => [...same, condition]);
    });
}

function further(
  column: string,
  parameter: string | undefined,
  { descending, isNullable: nullable }: { readonly descending: boolean; readonly isNullable: boolean },
): string[] {
  if (parameter === undefined) return descending ? [`${column} IS NOT NULL`] : [];
  if (descending) return [`${column} < ${parameter}`];
  return [`${column} > ${parameter}`, ...(nullable ? [`${column} IS NULL`] : [])];
}

/** An entity's columns are null until an event sets them; a merged one of an aggregate always has a value. */
function isNullable({ kind, keyName }: ProjectionShape, column: string): boolean {
  return kind === 'entity' && column !== keyName;
}
