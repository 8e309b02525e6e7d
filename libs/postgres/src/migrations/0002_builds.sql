-- Up Migration
-- A reader goes no further than stop_at while it is set: how a rebuild is held at one position vector, or paused.
-- problem ({state, reason}) says why the partition's owner stands still.
ALTER TABLE millrace.position ADD COLUMN stop_at bigint, ADD COLUMN problem jsonb;

-- The versions of each projection that some process has hosted, without their code: what a rebuild can be asked for.
CREATE TABLE millrace.projection_version (
  projection text        NOT NULL,
  version    integer     NOT NULL,
  definition jsonb       NOT NULL,
  hosted_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (projection, version)
);

-- Every set of tables that a projection has had. `live` is what readers see, `previous` what they saw before and what
-- a rollback goes back to; both fold on. `released` tables are gone.
CREATE TABLE millrace.projection_build (
  projection text        NOT NULL REFERENCES millrace.projection (name),
  build      integer     NOT NULL,
  version    integer     NOT NULL,
  state      text        NOT NULL CHECK (state IN ('building', 'live', 'previous', 'released')),
  reader     text        NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now(),
  -- When the table of a released build was dropped.
  dropped_at timestamptz,
  PRIMARY KEY (projection, build)
);
CREATE UNIQUE INDEX one_build_live ON millrace.projection_build (projection) WHERE state = 'live';
CREATE UNIQUE INDEX one_build_previous ON millrace.projection_build (projection) WHERE state = 'previous';
CREATE UNIQUE INDEX one_build_under_way ON millrace.projection_build (projection) WHERE state = 'building';

-- What there was before builds had numbers is the first of each.
INSERT INTO millrace.projection_build (projection, build, version, state, reader)
SELECT name, 1, live_version, 'live', format('projection/%s@%s', name, live_version) FROM millrace.projection;

CREATE TABLE millrace.replay_run (
  id           integer     PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  kind         text        NOT NULL CHECK (kind = 'rebuild'),
  projection   text        NOT NULL,
  version      integer     NOT NULL,
  build        integer     NOT NULL,
  replaces     integer     NOT NULL,
  state        text        NOT NULL
    CHECK (state IN ('building', 'proving', 'review', 'refused', 'swapping', 'done', 'cancelled')),
  paused       boolean     NOT NULL DEFAULT false,
  reason       text,
  plan         jsonb       NOT NULL,
  proof        jsonb,
  swap         jsonb,
  requested_at timestamptz NOT NULL DEFAULT now(),
  changed_at   timestamptz NOT NULL DEFAULT now(),
  finished_at  timestamptz,
  FOREIGN KEY (projection, build) REFERENCES millrace.projection_build
);
CREATE UNIQUE INDEX one_run_active ON millrace.replay_run (projection) WHERE state NOT IN ('done', 'cancelled');
