-- Up Migration
-- For the removal of dead letters that are older than their group keeps them, and that others can read in its topic.
CREATE INDEX parked_record_age ON millrace.parked_record (reader, failed_at)
  WHERE state = 'dead' AND dlq_copy = 'published';
