-- Up Migration
-- Every effect that was committed, in the order of `id`. Nothing is unique but that number: an effect that is doubled
-- must come in, or nobody would see it.
CREATE TABLE faults.effect (
  id            bigserial   PRIMARY KEY,
  event_id      text        NOT NULL,
  key           text        NOT NULL,
  seq           integer     NOT NULL,
  topic         text        NOT NULL,
  partition     integer     NOT NULL,
  record_offset bigint      NOT NULL,
  at            timestamptz NOT NULL DEFAULT clock_timestamp()
);
