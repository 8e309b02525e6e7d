-- Up Migration
-- Where each reader (a consumer group, or one version of a projection) stands in each partition. It lives beside
-- the reader's effects, so that both commit together; whoever holds the epoch owns the partition.
CREATE TABLE millrace.position (
  reader          text        NOT NULL,
  topic           text        NOT NULL,
  partition       integer     NOT NULL,
  next_offset     bigint      NOT NULL CHECK (next_offset >= 0),
  epoch           bigint      NOT NULL,
  partition_count integer     NOT NULL,
  -- The last record done: recognises a topic that was deleted and made again under its old name.
  last_timestamp  bigint,
  last_identity   text,
  updated_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (reader, topic, partition)
);

-- Which Kafka cluster and which registry this database belongs to; one row.
CREATE TABLE millrace.stack_identity (
  only_row         boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  kafka_cluster_id text NOT NULL,
  registry_id      text NOT NULL,
  recorded_at      timestamptz NOT NULL DEFAULT now()
);

-- Which version of each projection readers see, and the layout it was made with.
CREATE TABLE millrace.projection (
  name         text PRIMARY KEY,
  live_version integer NOT NULL,
  layout       jsonb   NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE SCHEMA IF NOT EXISTS read_model;
