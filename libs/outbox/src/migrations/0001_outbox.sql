-- The outbox: events that a service appends in its own transactions, until the relay has them in the log. Run it once in the
-- service's own database (PostgreSQL 14 or newer), as the role that is to own it.
CREATE SCHEMA IF NOT EXISTS millrace_outbox;

-- Dense: the relay takes a number that is missing for one whose transaction has not ended. So nothing may be cached.
CREATE SEQUENCE millrace_outbox.event_number AS bigint CACHE 1;

CREATE TABLE millrace_outbox.event (
  number bigint NOT NULL PRIMARY KEY,
  appended_at timestamptz NOT NULL,
  topic text NOT NULL,
  key text,
  type text NOT NULL,
  id text NOT NULL,
  source text NOT NULL,
  time timestamptz NOT NULL,
  subject text,
  traceparent text,
  -- Extension attributes as texts by their names.
  extensions json,
  data json NOT NULL
) PARTITION BY RANGE (number);

-- Takes what no partition was made for, when no relay ran for long.
CREATE TABLE millrace_outbox.event_overflow PARTITION OF millrace_outbox.event DEFAULT;

-- Which numbers a partition holds: from_number <= number < to_number.
CREATE TABLE millrace_outbox.event_partition (
  name text NOT NULL PRIMARY KEY,
  from_number bigint NOT NULL UNIQUE,
  to_number bigint NOT NULL CHECK (to_number > from_number)
);

-- How far the relay is. Every number up to the position is published, set aside, or was rolled back, and stays that way.
-- The epoch tells the relay that works from one that has lost its turn.
CREATE TABLE millrace_outbox.relay (
  only_one boolean NOT NULL PRIMARY KEY DEFAULT true CHECK (only_one),
  position bigint NOT NULL DEFAULT 0,
  epoch bigint NOT NULL DEFAULT 0
);
INSERT INTO millrace_outbox.relay DEFAULT VALUES;

-- 2 while the relay sleeps, otherwise 1. A sequence, because whoever appends has to see it in a snapshot that is older, and
-- because a row that changes all day would leave its old versions to every append while a long transaction runs.
CREATE SEQUENCE millrace_outbox.relay_sleeps MINVALUE 1 MAXVALUE 2 START 2;
SELECT setval('millrace_outbox.relay_sleeps', 2);

-- What the log can never take as it is, and what came after it under the same key. Nothing here is dropped by itself.
CREATE TABLE millrace_outbox.set_aside (
  number bigint NOT NULL PRIMARY KEY,
  appended_at timestamptz NOT NULL,
  topic text NOT NULL,
  key text,
  type text NOT NULL,
  id text NOT NULL,
  source text NOT NULL,
  time timestamptz NOT NULL,
  subject text,
  traceparent text,
  extensions json,
  data json NOT NULL,
  set_aside_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Why the log cannot take it; null for an event that only waits behind another one of its key.
  code text,
  reason text,
  -- Set by an operator who has mended the cause: the relay tries once more.
  retry boolean NOT NULL DEFAULT false
);
CREATE INDEX ON millrace_outbox.set_aside (topic, key, number);

-- Appends one event within the caller's transaction, and gives its number.
--
-- Order: the lock on (topic, key) is held until the transaction has ended and is visible, and the number is drawn under it.
-- So numbers of a key rise in the order of the commits.
-- Completeness: the transaction has an id before it draws a number. So when all transactions with an id below X have ended,
-- every number that had been drawn before X was given out is visible, or never will be.
-- Against a statement that is a transaction of its own, as on a pool: with after_writing nothing is appended, and NULL given,
-- when the transaction has written nothing yet; with within, 25P01 is raised when its id is another one.
CREATE FUNCTION millrace_outbox.append(
  event_topic text,
  event_key text,
  event_type text,
  event_id text,
  event_source text,
  event_data json,
  event_time timestamptz DEFAULT clock_timestamp(),
  event_subject text DEFAULT NULL,
  event_traceparent text DEFAULT NULL,
  event_extensions json DEFAULT NULL,
  after_writing boolean DEFAULT false,
  within xid8 DEFAULT NULL
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  drawn bigint;
BEGIN
  IF after_writing AND pg_current_xact_id_if_assigned() IS NULL THEN RETURN NULL; END IF;
  IF within <> pg_current_xact_id() THEN
    RAISE EXCEPTION 'millrace_outbox.append was called outside of a transaction' USING ERRCODE = '25P01';
  END IF;
  PERFORM pg_current_xact_id();
  IF event_key IS NOT NULL THEN
    PERFORM pg_advisory_xact_lock(hashtextextended(event_topic || chr(10) || event_key, 7295114006));
  END IF;
  drawn := nextval('millrace_outbox.event_number');
  INSERT INTO millrace_outbox.event
    (number, appended_at, topic, key, type, id, source, time, subject, traceparent, extensions, data)
  VALUES (drawn, clock_timestamp(), event_topic, event_key, event_type, event_id, event_source, event_time,
    event_subject, event_traceparent, event_extensions, event_data);
  -- Commits with a NOTIFY wait for one another, in all of the server: only where somebody sleeps.
  IF (SELECT last_value = 2 FROM millrace_outbox.relay_sleeps) THEN
    PERFORM pg_notify('millrace_outbox', '');
  END IF;
  RETURN drawn;
END
$$;

-- Makes partitions until so many lie wholly ahead of the numbers that are drawn, and drops those whose every number lies at or
-- below the relay's position. Gives up (55P03) rather than wait behind whoever uses the table, and is called again.
CREATE FUNCTION millrace_outbox.keep_partitions(partition_rows bigint, ahead integer)
RETURNS TABLE (made integer, dropped integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '50ms'
AS $$
DECLARE
  drawn bigint := (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM millrace_outbox.event_number);
  done bigint := (SELECT position FROM millrace_outbox.relay);
  last_to bigint := (SELECT coalesce(max(to_number), 1) FROM millrace_outbox.event_partition);
  have integer := (SELECT count(*) FROM millrace_outbox.event_partition WHERE from_number > drawn);
  old record;
BEGIN
  made := 0;
  dropped := 0;
  WHILE have < ahead LOOP
    -- Numbers that are under way to the overflow must stay there: a partition begins well above them.
    IF last_to <= drawn THEN last_to := drawn + least(partition_rows, 1000); END IF;
    EXECUTE format('CREATE TABLE millrace_outbox.%I (LIKE millrace_outbox.event)', 'event_' || last_to);
    EXECUTE format('ALTER TABLE millrace_outbox.event ATTACH PARTITION millrace_outbox.%I FOR VALUES FROM (%s) TO (%s)',
      'event_' || last_to, last_to, last_to + partition_rows);
    INSERT INTO millrace_outbox.event_partition VALUES ('event_' || last_to, last_to, last_to + partition_rows);
    last_to := last_to + partition_rows;
    have := have + 1;
    made := made + 1;
  END LOOP;
  DELETE FROM millrace_outbox.event_overflow WHERE number <= done;
  FOR old IN SELECT name FROM millrace_outbox.event_partition WHERE to_number - 1 <= done ORDER BY from_number LOOP
    EXECUTE format('DROP TABLE millrace_outbox.%I', old.name);
    DELETE FROM millrace_outbox.event_partition WHERE name = old.name;
    dropped := dropped + 1;
  END LOOP;
  RETURN NEXT;
END
$$;

-- Lets a service's role append, and nothing else.
CREATE FUNCTION millrace_outbox.let_append(role regrole) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA millrace_outbox TO %s', role);
  EXECUTE format('GRANT EXECUTE ON FUNCTION millrace_outbox.append TO %s', role);
END
$$;

-- Lets the relay's role read and move on. To be told the age of another role's transaction it also needs pg_read_all_stats.
CREATE FUNCTION millrace_outbox.let_relay(role regrole) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA millrace_outbox TO %s', role);
  EXECUTE format('GRANT SELECT ON millrace_outbox.event, millrace_outbox.event_number TO %s', role);
  EXECUTE format('GRANT SELECT, UPDATE ON millrace_outbox.relay, millrace_outbox.relay_sleeps TO %s', role);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON millrace_outbox.set_aside TO %s', role);
  EXECUTE format('GRANT EXECUTE ON FUNCTION millrace_outbox.keep_partitions TO %s', role);
END
$$;

-- Room for the first events, whenever a relay may come.
SELECT millrace_outbox.keep_partitions(100000, 2);

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA millrace_outbox FROM PUBLIC;
