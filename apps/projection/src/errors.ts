import { MillraceError } from '@millrace/contracts';
import type { ParkedKey } from '@millrace/postgres';

/** No projection of that name is hosted here. */
export class ProjectionNotFoundError extends MillraceError {
  override readonly name = 'ProjectionNotFoundError';
  override readonly code = 'PROJECTION_NOT_FOUND';
  override readonly retriable = false;

  constructor(
    projection: string,
    readonly known: readonly string[],
  ) {
    super(
      `No projection ${JSON.stringify(projection.slice(0, 60))} is hosted here; known: ${known.join(', ')}.`,
      {
        context: { known },
      },
    );
  }
}

/** A projection has no row under a key; where the key is parked, events may be missing that would have made one. */
export class RowNotFoundError extends MillraceError {
  override readonly name = 'RowNotFoundError';
  override readonly code = 'ROW_NOT_FOUND';
  override readonly retriable = false;

  constructor(
    projection: string,
    readonly positions: readonly string[],
    readonly parked?: ParkedKey,
  ) {
    const waiting =
      parked === undefined
        ? ''
        : ` The key is parked since ${parked.since}: the event at ${parked.position} cannot be folded, and ${parked.events} wait.`;
    super(`Projection ${projection} has no row under this key, up to the positions given.${waiting}`, {
      context: { projection },
    });
  }
}

/** A query asked for a read model newer than it became in time. */
export class NotYetProjectedError extends MillraceError {
  override readonly name = 'NotYetProjectedError';
  override readonly code = 'NOT_YET_PROJECTED';
  override readonly retriable = true;

  constructor(
    projection: string,
    readonly positions: readonly string[],
    timeoutMs: number,
  ) {
    super(`Projection ${projection} did not reach the positions of at-least within ${timeoutMs} ms.`, {
      context: { projection, timeoutMs },
    });
  }
}

/** A query parameter has a value that cannot be used. */
export class InvalidQueryError extends MillraceError {
  override readonly name = 'InvalidQueryError';
  override readonly code = 'INVALID_QUERY';
  override readonly retriable = false;

  constructor(parameter: string, expected: string) {
    super(`The query parameter ${parameter} cannot be used: expected ${expected}.`, {
      context: { parameter },
    });
  }
}

/** A list was asked to filter or sort by something that is not a column. */
export class UnknownColumnError extends MillraceError {
  override readonly name = 'UnknownColumnError';
  override readonly code = 'UNKNOWN_COLUMN';
  override readonly retriable = false;

  constructor(
    projection: string,
    column: string,
    readonly known: readonly string[],
  ) {
    super(
      `Projection ${projection} has no column ${JSON.stringify(column.slice(0, 60))}; it has ${known.join(', ')}. Parameters ` +
        'that are no columns: limit, sort, cursor, at-least, wait-ms.',
      { context: { projection, known } },
    );
  }
}

const BEGIN_AGAIN = 'Begin again without a cursor';

/** A text is no cursor of this service. */
export class InvalidCursorError extends MillraceError {
  override readonly name = 'InvalidCursorError';
  override readonly code = 'INVALID_CURSOR';
  override readonly retriable = false;

  constructor(projection: string, cause?: unknown) {
    super(`The cursor is none that a list of projection ${projection} has given as next. ${BEGIN_AGAIN}.`, {
      context: { projection },
      ...(cause === undefined ? {} : { cause }),
    });
  }
}

/** A cursor goes with other filters, another sort or another projection. */
export class CursorMismatchError extends MillraceError {
  override readonly name = 'CursorMismatchError';
  override readonly code = 'CURSOR_MISMATCH';
  override readonly retriable = false;

  constructor(projection: string) {
    super(
      `The cursor was given for another list than this one of projection ${projection}. Give it with the filters and the sort ` +
        `of the page that it came with. ${BEGIN_AGAIN} when the indexes of the projection were changed since.`,
      { context: { projection } },
    );
  }
}

/** A cursor was given by another version of the projection than the one that is live now. */
export class CursorVersionError extends MillraceError {
  override readonly name = 'CursorVersionError';
  override readonly code = 'CURSOR_VERSION';
  override readonly retriable = false;

  constructor(projection: string, given: number, live: number) {
    super(
      `The cursor is of version ${given} of projection ${projection}, and version ${live} is live now: its rows may be others. ` +
        `${BEGIN_AGAIN}.`,
      { context: { projection, given, live } },
    );
  }
}

/** Too many queries wait until a read model includes what they ask for. */
export class TooManyWaitingError extends MillraceError {
  override readonly name = 'TooManyWaitingError';
  override readonly code = 'TOO_MANY_WAITING';
  override readonly retriable = true;

  constructor(projection: string, maximum: number) {
    super(
      `${maximum} queries wait for projection ${projection} with at-least already. Ask again shortly, or another instance.`,
      { context: { projection, maximum } },
    );
  }
}

/** The projection's tables are not there yet: its servers have not been reached since this process began. */
export class ProjectionStartingError extends MillraceError {
  override readonly name = 'ProjectionStartingError';
  override readonly code = 'PROJECTION_STARTING';
  override readonly retriable = true;

  constructor(projection: string) {
    super(`Projection ${projection} is starting: it waits for its servers. Ask again shortly.`, {
      context: { projection },
    });
  }
}
