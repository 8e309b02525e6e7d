import { MillraceError } from '@millrace/contracts';
import type { ProjectionBuild } from '@millrace/projecting';
import type { ReplayRun } from './replay-run';

/** A projection is being rebuilt, or verified, already. */
export class ReplayActiveError extends MillraceError {
  override readonly name = 'ReplayActiveError';
  override readonly code = 'REPLAY_ACTIVE';
  override readonly retriable = true;

  readonly replay: number;

  constructor(projection: string, { kind, id, state }: Pick<ReplayRun, 'kind' | 'id' | 'state'>) {
    const what = kind === 'verify' ? 'verified' : 'rebuilt';
    super(
      `Projection ${projection} is being ${what} by replay ${id}, which is ${state}. Wait for it, or cancel it: ` +
        `millrace replay cancel ${id}`,
      { context: { projection, replay: id, state } },
    );
    this.replay = id;
  }
}

/** The build that was live before still stands by for a rollback. */
export class BuildKeptError extends MillraceError {
  override readonly name = 'BuildKeptError';
  override readonly code = 'BUILD_KEPT';
  override readonly retriable = false;

  constructor({ projection, version, build }: ProjectionBuild) {
    super(
      `Projection ${projection} still keeps build ${build} (version ${version}) for a rollback. Release it first: ` +
        `millrace projections release ${projection}`,
      { context: { projection, version, build } },
    );
  }
}

/** While a rebuild was planned, another build went live than the one that it was planned against. */
export class LiveBuildChangedError extends MillraceError {
  override readonly name = 'LiveBuildChangedError';
  override readonly code = 'LIVE_BUILD_CHANGED';
  override readonly retriable = true;

  constructor({ projection, version, build }: ProjectionBuild) {
    super(
      `Projection ${projection} is no longer served from build ${build} (version ${version}), against which the rebuild ` +
        'was planned; nothing was begun. Ask for it again: it is planned anew.',
      { context: { projection, version, build } },
    );
  }
}

/** There is no build to go back to, or to release. */
export class NothingKeptError extends MillraceError {
  override readonly name = 'NothingKeptError';
  override readonly code = 'NOTHING_KEPT';
  override readonly retriable = false;

  constructor(projection: string) {
    super(
      `Projection ${projection} keeps no build from before: there is nothing to roll back to, or to release.`,
      { context: { projection } },
    );
  }
}

/** No run has that number. */
export class ReplayNotFoundError extends MillraceError {
  override readonly name = 'ReplayNotFoundError';
  override readonly code = 'REPLAY_NOT_FOUND';
  override readonly retriable = false;

  constructor(replay: number) {
    super(`There is no replay ${replay}. GET /v1/replays lists them.`, { context: { replay } });
  }
}

/** What was asked of a run cannot be done in its state. */
export class ReplayStateError extends MillraceError {
  override readonly name = 'ReplayStateError';
  override readonly code = 'REPLAY_STATE';
  override readonly retriable = false;

  constructor(
    replay: number,
    readonly state: string,
    what: string,
  ) {
    super(`Replay ${replay} is ${state}: ${what} is not possible any more, or not yet.`, {
      context: { replay, state },
    });
  }
}
