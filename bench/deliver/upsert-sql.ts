/** The effect of an event, the same for all contestants: the number of events of its flight. One parameter, the flight. */
export const UPSERT = `INSERT INTO bench.flight (flight_id, events) VALUES ($1, 1)
  ON CONFLICT (flight_id) DO UPDATE SET events = flight.events + 1`;

/** For peers; ours has it as a migration of its group. */
export const CREATE_TABLE =
  'CREATE SCHEMA bench; CREATE TABLE bench.flight (flight_id text PRIMARY KEY, events integer NOT NULL)';
