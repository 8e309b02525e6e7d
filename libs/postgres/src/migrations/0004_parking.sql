-- Up Migration
-- Keys whose records may not run for now, because an earlier one of the key has failed. Whoever takes a row away locks it
-- first, and whoever appends behind it holds it against that.
CREATE TABLE millrace.key_fence (
  reader          text        NOT NULL,
  topic           text        NOT NULL,
  partition       integer     NOT NULL,
  -- 'k' and the key's bytes, or 'o' and the offset of a record without a key.
  fence           bytea       NOT NULL,
  -- dead: its first record became a dead letter, and nothing goes on before somebody decides.
  state           text        NOT NULL CHECK (state IN ('parked', 'dead')),
  next_attempt_at timestamptz NOT NULL,
  fenced_at       timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (reader, topic, partition, fence)
);

CREATE INDEX key_fence_due ON millrace.key_fence (reader, topic, partition, next_attempt_at) WHERE state = 'parked';

-- The records behind the fences, and dead letters. A record is here from the moment that the position has passed it without
-- its effects, and until it has taken effect or somebody has discarded it.
CREATE TABLE millrace.parked_record (
  reader          text        NOT NULL,
  topic           text        NOT NULL,
  partition       integer     NOT NULL,
  record_offset   bigint      NOT NULL,
  fence           bytea       NOT NULL,
  state           text        NOT NULL CHECK (state IN ('queued', 'dead')),
  -- As it lay in the log. Headers are a JSON array of [name, value in Base64 or null].
  key             bytea,
  value           bytea,
  headers         json        NOT NULL,
  timestamp_ms    bigint      NOT NULL,
  parked_at       timestamptz NOT NULL DEFAULT now(),
  -- Of its last try; a record that only waits behind another has none.
  attempts        integer     NOT NULL DEFAULT 0,
  failed_at       timestamptz,
  reason          text        CHECK (reason IN ('exhausted', 'permanent', 'undecodable')),
  error_name      text,
  error_message   text,
  error_stack     text,
  -- Of a dead letter: whether its copy is in the group's topic of dead letters, or the broker will never take it there.
  dlq_copy        text        CHECK (dlq_copy IN ('published', 'refused')),
  PRIMARY KEY (reader, topic, partition, record_offset)
);

CREATE INDEX parked_record_queue ON millrace.parked_record (reader, topic, partition, fence, record_offset)
  WHERE state = 'queued';

CREATE INDEX parked_record_unpublished ON millrace.parked_record (reader, topic, partition, record_offset)
  WHERE state = 'dead' AND dlq_copy IS NULL;
