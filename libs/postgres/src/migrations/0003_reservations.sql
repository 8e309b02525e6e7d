-- Up Migration
-- The events of topics with an idempotency window, from before they are sent until their window is over. No id, source or
-- payload stands here, only digests. A row without a position is open: its event is on its way, or a crash left it behind.
CREATE TABLE millrace.reservation (
  -- Of (topic, source, id).
  identity      uuid        NOT NULL PRIMARY KEY,
  topic         text        NOT NULL,
  -- Of what the event says, and the schema that it was encoded by.
  content       uuid        NOT NULL,
  schema_id     integer     NOT NULL,
  -- The record's own time; whoever takes an open reservation over sets it anew, and by it is known who holds it.
  reserved_at   timestamptz NOT NULL,
  -- Names the statement that reserved it, so that one whose answer was lost can be repeated.
  attempt       uuid        NOT NULL,
  partition     integer,
  record_offset bigint,
  CHECK ((partition IS NULL) = (record_offset IS NULL))
  -- Each row is updated once, soon after it was made: with room in its page, without touching the indexes.
) WITH (fillfactor = 75);

-- For the removal of what is older than its topic's window.
CREATE INDEX reservation_age ON millrace.reservation (topic, reserved_at);
