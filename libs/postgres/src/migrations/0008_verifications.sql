-- Up Migration
-- A build that is made to check the live one and is never shown to readers: no swap takes a build in this state, one of the
-- release before neither. A sample ({seed, share}) is folded for a share of the keys alone.
ALTER TABLE millrace.projection_build
  DROP CONSTRAINT projection_build_state_check,
  ADD CONSTRAINT projection_build_state_check
    CHECK (state IN ('building', 'verifying', 'live', 'previous', 'released')),
  ADD COLUMN sample jsonb;
CREATE UNIQUE INDEX one_build_verifying ON millrace.projection_build (projection) WHERE state = 'verifying';

-- The release before knows one kind of run, and swaps what it has proven. What must not be swapped by itself, a verification
-- and a rebuild that is to be held, is therefore `gathering` and `comparing` where another run is `building` and `proving`:
-- words that it passes over.
ALTER TABLE millrace.replay_run
  DROP CONSTRAINT replay_run_kind_check,
  ADD CONSTRAINT replay_run_kind_check CHECK (kind IN ('rebuild', 'verify')),
  DROP CONSTRAINT replay_run_state_check,
  ADD CONSTRAINT replay_run_state_check CHECK (state IN (
    'building', 'proving', 'gathering', 'comparing', 'review', 'refused', 'swapping', 'done', 'cancelled')),
  ADD COLUMN hold boolean NOT NULL DEFAULT false;
-- A verification goes on beside a rebuild.
DROP INDEX millrace.one_run_active;
CREATE UNIQUE INDEX one_run_active ON millrace.replay_run (projection, kind) WHERE state NOT IN ('done', 'cancelled');
CREATE INDEX last_verification ON millrace.replay_run (projection, id DESC) WHERE kind = 'verify';
