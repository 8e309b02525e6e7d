import { MillraceError } from '@millrace/contracts';
import type { RunKind } from '@millrace/postgres';
import type { Refusal } from '@millrace/replaying';

/** No process has ever hosted a projection of that name. */
export class UnknownProjectionError extends MillraceError {
  override readonly name = 'UnknownProjectionError';
  override readonly code = 'UNKNOWN_PROJECTION';
  override readonly retriable = false;

  constructor(
    projection: string,
    readonly known: readonly string[],
  ) {
    super(
      `No process has hosted a projection ${JSON.stringify(projection.slice(0, 60))}; known: ${known.join(', ') || 'none'}. ` +
        'A projection is known once a projection service lists it in PROJECTIONS.',
      { context: { known } },
    );
  }
}

/** No process has hosted that version of a projection. */
export class UnknownVersionError extends MillraceError {
  override readonly name = 'UnknownVersionError';
  override readonly code = 'UNKNOWN_VERSION';
  override readonly retriable = false;

  constructor(
    projection: string,
    version: number,
    readonly known: readonly number[],
  ) {
    super(
      `No process has hosted version ${version} of projection ${projection}; known: ${known.join(', ')}. ` +
        'Deploy it beside the version that is live, then ask again.',
      { context: { projection, version, known: known.map(String) } },
    );
  }
}

/** What would be folded from the log cannot be right, so it is not begun. */
export class ReplayRefusedError extends MillraceError {
  override readonly name = 'ReplayRefusedError';
  override readonly code = 'REPLAY_REFUSED';
  override readonly retriable = false;

  constructor(
    projection: string,
    readonly refusals: readonly Refusal[],
    kind: RunKind,
  ) {
    const what = kind === 'verify' ? 'verification' : 'rebuild';
    const reasons = refusals.map(({ where, reason }) => `${where}: ${reason}`);
    super(`A ${what} of ${projection} could not be right, and was not begun. ${reasons.join('. ')}.`, {
      context: { projection, refusals: refusals.map(({ check, where }) => `${check} ${where}`) },
    });
  }
}

/** Readers could not be shown the build of before: it is not where the live one is, or something holds a lock. */
export class RollbackDelayedError extends MillraceError {
  override readonly name = 'RollbackDelayedError';
  override readonly code = 'ROLLBACK_DELAYED';
  override readonly retriable = true;

  constructor(projection: string, why: string) {
    super(`Projection ${projection} was not rolled back: ${why}. Nothing was changed; try again.`, {
      context: { projection, why },
    });
  }
}

/** No rebuild of the projection is under way that could be looked at, or swapped. */
export class NothingHeldError extends MillraceError {
  override readonly name = 'NothingHeldError';
  override readonly code = 'NOTHING_HELD';
  override readonly retriable = false;

  constructor(projection: string) {
    super(
      `No rebuild of projection ${projection} waits to be looked at, or swapped. To make one: ` +
        `millrace projections rebuild ${projection} --hold`,
      { context: { projection } },
    );
  }
}

/** A rebuild has not been compared with the live build yet. */
export class NotComparedError extends MillraceError {
  override readonly name = 'NotComparedError';
  override readonly code = 'NOT_COMPARED';
  override readonly retriable = true;

  constructor(projection: string, replay: number, state: string) {
    super(
      `Replay ${replay} of projection ${projection} is ${state}, and has not been compared with the live build yet. ` +
        `To see how far it is: millrace replay watch ${replay}`,
      { context: { projection, replay, state } },
    );
  }
}

/** The service has not reached its servers since it began. */
export class ReplayStartingError extends MillraceError {
  override readonly name = 'ReplayStartingError';
  override readonly code = 'REPLAY_STARTING';
  override readonly retriable = true;

  constructor() {
    super('The replay service is starting: it waits for its servers. Ask again shortly.');
  }
}
