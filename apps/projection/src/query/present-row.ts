import type { Projection } from '@millrace/projecting';
import type { Row } from '@millrace/postgres';

/** A row as JSON: derived values added, 64-bit integers as text. Nothing is rounded. */
export function presentRow(projection: Projection, row: Row): Record<string, unknown> {
  const derived = projection.derive?.(row) ?? {};
  return Object.fromEntries(
    Object.entries({ ...row, ...derived }).map(([name, value]) => [
      name,
      typeof value === 'bigint' ? value.toString() : value,
    ]),
  );
}
