import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Projection, ProjectionColumn, State } from '@millrace/projecting';
import type { ClientBase } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { CopyWriter } from './copy-writer';
import { storedJson } from './stored-values';

export interface CopiedRows {
  readonly keys: readonly string[];
  /** Of `keys`, in their order; each is plain, as `isPlain` has it. */
  readonly states: readonly State[];
  /** The columns of the primary key behind the first, which are the same in all rows. */
  readonly owner: readonly (string | number)[];
}

/**
 * Appends rows to a table in the transaction of its client; `sql` names the columns of the primary key, then the declared ones.
 * @throws JsonTooLargeError, and DatabaseError; nothing is written then, and the transaction has failed.
 */
export async function copyRows(
  client: ClientBase,
  sql: string,
  projection: Projection,
  rows: CopiedRows,
): Promise<void> {
  await pipeline(Readable.from(chunksOf(projection, rows)), client.query(copyFrom(sql)));
}

function* chunksOf(projection: Projection, { keys, states, owner }: CopiedRows): Generator<Buffer> {
  const { columns } = projection;
  const writer = new CopyWriter();
  for (let row = 0; row < keys.length; row++) {
    writer.row(1 + owner.length + columns.length);
    writer.text(keys[row] ?? '');
    for (const value of owner) {
      if (typeof value === 'string') writer.text(value);
      else writer.integer(value);
    }
    const state = states[row] ?? {};
    for (const column of columns) {
      const value = state[column.name];
      if (value === null || value === undefined) writer.null();
      else write(writer, value, projection, column);
    }
    const chunk = writer.fullChunk();
    if (chunk !== undefined) yield chunk;
  }
  yield writer.lastChunk();
}

function write(writer: CopyWriter, value: unknown, projection: Projection, column: ProjectionColumn): void {
  switch (column.type) {
    case 'text':
      return writer.text(value as string);
    case 'integer':
      return writer.integer(value as number);
    case 'bigint':
      return writer.bigint(value as bigint);
    case 'double':
      return writer.double(value as number);
    case 'decimal':
      return writer.decimal(value as string);
    case 'boolean':
      return writer.boolean(value as boolean);
    case 'timestamp':
      return writer.timestamp(value as Date);
    case 'date':
      return writer.date(value as string);
    case 'json':
      return writer.json(storedJson(projection, column, value));
  }
}
