import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** What is handed to the connection at once. */
const CHUNK_LENGTH = 262_144;

/** Writes one value as COPY's text format has it; never `null`. */
export type CopyEncoder = (value: unknown) => string;

/**
 * Appends rows to a table in the transaction of its client. `columns[n]` holds the values of the n-th column that `sql` names.
 * @throws DatabaseError; nothing is written then, and the transaction has failed.
 * Source: PostgreSQL's documentation of COPY, "Text Format".
 */
export async function copyRows(
  client: ClientBase,
  sql: string,
  rows: { readonly columns: readonly (readonly unknown[])[]; readonly encoders: readonly CopyEncoder[] },
): Promise<void> {
  await pipeline(Readable.from(copyText(rows)), client.query(copyFrom(sql)));
}

function* copyText({
  columns,
  encoders,
}: {
  readonly columns: readonly (readonly unknown[])[];
  readonly encoders: readonly CopyEncoder[];
}): Generator<Buffer> {
  const count = columns[0]?.length ?? 0;
  let text = '';
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < columns.length; column++) {
      const value = columns[column]?.[row];
      const encode = encoders[column] ?? copiedText;
      if (column > 0) text += '\t';
      text += value === null || value === undefined ? '\\N' : encode(value);
    }
    text += '\n';
    if (text.length < CHUNK_LENGTH) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}

const SPECIAL = /[\\\t\n\r]/;
const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** A text, or whatever has one, with what COPY would take for something else escaped. */
export function copiedText(value: unknown): string {
  const text = String(value);
  return SPECIAL.test(text) ? text.replace(/[\\\t\n\r]/g, (found) => ESCAPED[found] ?? found) : text;
}

/** A `Date` as PostgreSQL reads it, whatever its year. @throws RangeError for one that is no date */
export function copiedTimestamp(value: unknown): string {
  if (!(value instanceof Date)) return copiedText(value);
  const iso = value.toISOString();
  const year = value.getUTCFullYear();
  if (year > 0 && year < 10_000) return iso;
  const rest = iso.slice(iso.indexOf('-', 1));
  return year > 0 ? `${year}${rest}` : `${String(1 - year).padStart(4, '0')}${rest} BC`;
}
