-- Up Migration
-- What makes handlers fail for a while; whoever injects a fault writes it, and takes it away again.
CREATE TABLE faults.poison (
  number        bigserial PRIMARY KEY,
  group_name    text      NOT NULL,
  -- key: every event of the key fails. event: the first event that comes fails so many times. down: everything fails.
  kind          text      NOT NULL CHECK (kind IN ('key', 'event', 'down')),
  key           text,
  event_id      text,
  failures_left integer,
  -- How often a handler has failed by it.
  met           integer   NOT NULL DEFAULT 0
);
