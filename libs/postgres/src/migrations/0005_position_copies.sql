-- Up Migration
-- What is remembered of Kafka's committed offset, which is a copy of the position. A member of ours writes the copy with a
-- mark: a copy without one was written by somebody else.
ALTER TABLE millrace.position
  -- Equal to epoch when the owner marks its copies. The version before raises the epoch alone, so that this tells.
  ADD COLUMN copy_epoch bigint,
  -- The last copy that Kafka acknowledged, as far as it was noted: a crash comes between the two. For messages.
  ADD COLUMN copy_offset bigint,
  -- A copy without the mark that is no move: the owner found it when it came, or an operator rejected it.
  ADD COLUMN known_copy bigint;
