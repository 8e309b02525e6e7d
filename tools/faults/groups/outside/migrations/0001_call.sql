-- Up Migration
-- Every call that has arrived, in the order of `number`. Nothing is unique but that: repeats are what is to be seen.
CREATE TABLE outside.call (
  number          bigserial   PRIMARY KEY,
  event_id        text        NOT NULL,
  key             text        NOT NULL,
  seq             integer     NOT NULL,
  idempotency_key text        NOT NULL,
  fencing_token   text        NOT NULL,
  attempt         integer     NOT NULL,
  topic           text        NOT NULL,
  partition       integer     NOT NULL,
  record_offset   bigint      NOT NULL,
  at              timestamptz NOT NULL DEFAULT clock_timestamp()
);
