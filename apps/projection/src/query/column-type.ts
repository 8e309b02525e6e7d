import type { ColumnType, ProjectionShape } from '@millrace/projecting';
import { UnknownColumnError } from '../errors';

/** The type of the key's column, or of a declared one. @throws UnknownColumnError */
export function columnType(
  { name: projection, keyName, columns }: ProjectionShape,
  name: string,
): ColumnType {
  if (name === keyName) return 'text';
  const column = columns.find((each) => each.name === name);
  if (column !== undefined) return column.type;
  throw new UnknownColumnError(projection, name, [keyName, ...columns.map((each) => each.name)]);
}
