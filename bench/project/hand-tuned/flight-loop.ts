import type { TunedModel } from './tuned-model';

interface Flight {
  origin: string | null;
  destination: string | null;
  /** Milliseconds since 1970. */
  departedAt: number | null;
  distanceMiles: number | null;
  delayMinutes: number | null;
}

/**
 * The same rows as the projection `flight`. Nothing is loaded: what a batch does not say stays as it is in the table, which goes
 * for this fold, though not for any.
 */
export const flightLoop: TunedModel = {
  createTable: `CREATE TABLE bench.flight (flight_id text PRIMARY KEY, origin text, destination text, departed_at timestamptz,
    distance_miles integer, delay_minutes integer)`,
  fold: (events) => {
    const flights = new Map<string, Flight>();
    for (const event of events) {
      const id = event['flightId'] as string;
      let flight = flights.get(id);
      if (flight === undefined) {
        flight = {
          origin: null,
          destination: null,
          departedAt: null,
          distanceMiles: null,
          delayMinutes: null,
        };
        flights.set(id, flight);
      }
      if ('departedAt' in event) {
        flight.origin = event['origin'] as string;
        flight.destination = event['destination'] as string;
        flight.departedAt = event['departedAt'] as number;
        flight.distanceMiles = event['distanceMiles'] as number;
      } else flight.delayMinutes = event['delayMinutes'] as number;
    }
    const rows = [...flights.values()];
    return [
      [...flights.keys()],
      rows.map(({ origin }) => origin),
      rows.map(({ destination }) => destination),
      rows.map(({ departedAt }) => departedAt),
      rows.map(({ distanceMiles }) => distanceMiles),
      rows.map(({ delayMinutes }) => delayMinutes),
    ];
  },
  upsert: `INSERT INTO bench.flight AS present
    SELECT id, origin, destination, to_timestamp(departed_ms / 1000.0), miles, delay
      FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::integer[], $6::integer[])
        AS changed (id, origin, destination, departed_ms, miles, delay)
    ON CONFLICT (flight_id) DO UPDATE SET
      origin = coalesce(excluded.origin, present.origin),
      destination = coalesce(excluded.destination, present.destination),
      departed_at = coalesce(excluded.departed_at, present.departed_at),
      distance_miles = coalesce(excluded.distance_miles, present.distance_miles),
      delay_minutes = coalesce(excluded.delay_minutes, present.delay_minutes)`,
};
