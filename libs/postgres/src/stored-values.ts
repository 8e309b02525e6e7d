import { MAX_JSON_BYTES } from '@millrace/projecting';
import type { Projection, ProjectionColumn, State } from '@millrace/projecting';
import { JsonTooLargeError } from './errors';

/** For each declared column its values in these states, as the driver takes them. @throws JsonTooLargeError */
export function storedValues(projection: Projection, states: readonly State[]): unknown[][] {
  return projection.columns.map((column) => {
    const { name, type } = column;
    if (type !== 'json') return states.map((state) => state[name] ?? null);
    return states.map((state) => {
      const value = state[name] ?? null;
      return value === null ? null : storedJson(projection, column, value);
    });
  });
}

/** The text of a value that is not null. @throws JsonTooLargeError */
export function storedJson(
  { name: projection }: Projection,
  { name }: ProjectionColumn,
  value: unknown,
): string {
  const text = JSON.stringify(value);
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes > MAX_JSON_BYTES) {
    throw new JsonTooLargeError(projection, { column: name, sizeBytes, maxBytes: MAX_JSON_BYTES });
  }
  return text;
}
