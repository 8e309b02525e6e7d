import { MillraceError } from '@millrace/contracts';

/** A projection's definition contradicts itself. */
export class InvalidProjectionError extends MillraceError {
  override readonly name = 'InvalidProjectionError';
  override readonly code = 'INVALID_PROJECTION';
  override readonly retriable = false;

  constructor(projection: string, problems: readonly string[]) {
    super(`Projection ${projection} cannot be used: ${problems.join('; ')}.`, {
      context: { projection, problems },
    });
  }
}

/** A fold met an event that it cannot fold. */
export class FoldError extends MillraceError {
  override readonly name = 'FoldError';
  override readonly code = 'FOLD_FAILED';
  override readonly retriable = false;

  constructor(
    projection: string,
    at: { readonly topic: string; readonly partition: number; readonly offset: bigint },
    reason: string,
    cause?: unknown,
  ) {
    super(`Projection ${projection} cannot fold ${at.topic}/${at.partition}/${at.offset}: ${reason}`, {
      context: { projection, topic: at.topic, partition: at.partition, offset: String(at.offset) },
      cause,
    });
  }
}

/** A list is filtered or sorted by what neither an index serves nor the projection allows without one. */
export class NotServedError extends MillraceError {
  override readonly name = 'NotServedError';
  override readonly code = 'NOT_SERVED';
  override readonly retriable = false;
  readonly key: string;
  readonly indexes: readonly (readonly string[])[];
  readonly queryable: readonly string[];

  constructor(
    projection: {
      readonly name: string;
      readonly keyName: string;
      readonly indexes: readonly (readonly string[])[];
      readonly queryable: readonly string[];
    },
    filtered: readonly string[],
    sorted: string | undefined,
  ) {
    const { name, keyName: key, indexes, queryable } = projection;
    const asked = [
      ...(filtered.length === 0 ? [] : [`filtered by ${filtered.join(' and ')}`]),
      ...(sorted === undefined ? [] : [`sorted by ${sorted}`]),
    ].join(' and ');
    const served = [key, ...indexes.map((index) => `(${index.join(', ')})`)].join(', ');
    const free = queryable.length === 0 ? '' : `; and ${queryable.join(', ')} in any way`;
    super(
      `Projection ${name} cannot be ${asked}: no index serves it. Served are ${served}${free}. Of the columns of an index the ` +
        'first ones are filtered by equality, the next one by a range or sorted by. The projection declares more under ' +
        'indexes and queryable.',
      { context: { projection: name, filtered, sorted } },
    );
    this.key = key;
    this.indexes = indexes;
    this.queryable = queryable;
  }
}
