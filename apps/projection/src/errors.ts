import { MillraceError } from '@millrace/contracts';

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

/** A projection has no row under a key. */
export class RowNotFoundError extends MillraceError {
  override readonly name = 'RowNotFoundError';
  override readonly code = 'ROW_NOT_FOUND';
  override readonly retriable = false;

  constructor(
    projection: string,
    readonly positions: readonly string[],
  ) {
    super(`Projection ${projection} has no row under this key, up to the positions given.`, {
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
