-- Up Migration
-- Events that a projection cannot fold park their keys in key_fence and parked_record, as records of consumer groups do. The
-- failed event is 'dead' there, and fences its key, until somebody has it tried again or skipped.

-- By key, whatever the partition: for the view of an entity, which shows since when a key is parked.
CREATE INDEX key_fence_by_key ON millrace.key_fence (reader, fence);
-- What stands behind a fence, the record at its head included.
CREATE INDEX parked_record_by_fence ON millrace.parked_record (reader, topic, partition, fence, record_offset);

-- Partitions that stand still before an event, because nothing of them may go on without it. A row means something while the
-- position has not passed the event; the next halt writes over it.
CREATE TABLE millrace.halted_partition (
  reader             text        NOT NULL,
  topic              text        NOT NULL,
  partition          integer     NOT NULL,
  record_offset      bigint      NOT NULL,
  reason             text        NOT NULL,
  halted_at          timestamptz NOT NULL DEFAULT now(),
  -- Somebody wants the event tried again; its owner forgets it as it begins.
  retry_requested_at timestamptz,
  PRIMARY KEY (reader, topic, partition)
);

-- Events that one version of a projection is folded without, by decision. Every build of the version leaves them out, so that
-- what is rebuilt is what is live. Never removed: it is also the record of who decided what.
CREATE TABLE millrace.skipped_event (
  projection    text        NOT NULL,
  version       integer     NOT NULL,
  topic         text        NOT NULL,
  partition     integer     NOT NULL,
  record_offset bigint      NOT NULL,
  reason        text        NOT NULL,
  skipped_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (projection, version, topic, partition, record_offset)
);

-- The version of the platform before this one knows nothing of parked keys: it would fold the events behind one that failed.
-- An owner that knows writes its epoch here too; the others cannot move a position past keys that are parked, and halt.
ALTER TABLE millrace.position ADD COLUMN parking_epoch bigint;

CREATE FUNCTION millrace.refuse_to_pass_parked_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM millrace.key_fence
              WHERE reader = NEW.reader AND topic = NEW.topic AND partition = NEW.partition) THEN
    RAISE EXCEPTION '% has parked keys in %/%, and the process that folds it is of a version that does not know of them. '
                    'Nothing was written; end the upgrade, and the partition goes on.', NEW.reader, NEW.topic, NEW.partition;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER parked_keys_are_known BEFORE UPDATE OF next_offset ON millrace.position
  FOR EACH ROW WHEN (NEW.reader LIKE 'projection/%' AND NEW.next_offset <> OLD.next_offset
                     AND NEW.parking_epoch IS DISTINCT FROM NEW.epoch)
  EXECUTE FUNCTION millrace.refuse_to_pass_parked_keys();
