import { MAX_JSON_BYTES } from '@millrace/projecting';
import type { Projection, ProjectionColumn, ProjectionShape, State } from '@millrace/projecting';
import { copiedText, copiedTimestamp } from './copy-rows';
import type { CopyEncoder } from './copy-rows';
import { JsonTooLargeError } from './errors';
import { primaryKey } from './read-model-sql';

/** For each declared column its values in these states, as the driver takes them. @throws JsonTooLargeError */
export function storedValues(projection: Projection, states: readonly State[]): unknown[][] {
  return projection.columns.map((column) => {
    const { name, type } = column;
    if (type !== 'json') return states.map((state) => state[name] ?? null);
    return states.map((state) => storedJson(projection, column, state[name] ?? null));
  });
}

/** How COPY takes what `storedValues` gives, behind the columns of the primary key. */
export function copyEncoders(shape: ProjectionShape): CopyEncoder[] {
  return [
    ...primaryKey(shape).map(() => copiedText),
    ...shape.columns.map(({ type }) => (type === 'timestamp' ? copiedTimestamp : copiedText)),
  ];
}

function storedJson({ name: projection }: Projection, { name }: ProjectionColumn, value: unknown): unknown {
  if (value === null) return null;
  const text = JSON.stringify(value);
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes > MAX_JSON_BYTES) {
    throw new JsonTooLargeError(projection, { column: name, sizeBytes, maxBytes: MAX_JSON_BYTES });
  }
  return text;
}
