import type { TunedModel } from './tuned-model';

const ON_TIME_BELOW_MINUTES = 15;

interface Airport {
  departures: number;
  arrivals: number;
  delayMinutes: number;
  onTimeArrivals: number;
}

/** The same numbers as the projection `airport`, and as there a row for each airport and partition, so that none is shared. */
export const airportLoop: TunedModel = {
  createTable: `CREATE TABLE bench.airport (airport text, partition integer, departures bigint NOT NULL, arrivals bigint NOT NULL,
    delay_minutes bigint NOT NULL, on_time_arrivals bigint NOT NULL, PRIMARY KEY (airport, partition))`,
  fold: (events, partition) => {
    const airports = new Map<string, Airport>();
    const at = (name: string): Airport => {
      const known = airports.get(name);
      if (known !== undefined) return known;
      const fresh = { departures: 0, arrivals: 0, delayMinutes: 0, onTimeArrivals: 0 };
      airports.set(name, fresh);
      return fresh;
    };
    for (const event of events) {
      if ('departedAt' in event) {
        at(event['origin'] as string).departures += 1;
        continue;
      }
      const airport = at(event['destination'] as string);
      const delayMinutes = event['delayMinutes'] as number;
      airport.arrivals += 1;
      airport.delayMinutes += delayMinutes;
      if (delayMinutes < ON_TIME_BELOW_MINUTES) airport.onTimeArrivals += 1;
    }
    const rows = [...airports.values()];
    return [
      [...airports.keys()],
      rows.map(() => partition),
      rows.map(({ departures }) => departures),
      rows.map(({ arrivals }) => arrivals),
      rows.map(({ delayMinutes }) => delayMinutes),
      rows.map(({ onTimeArrivals }) => onTimeArrivals),
    ];
  },
  upsert: `INSERT INTO bench.airport AS present
    SELECT * FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
    ON CONFLICT (airport, partition) DO UPDATE SET
      departures = present.departures + excluded.departures,
      arrivals = present.arrivals + excluded.arrivals,
      delay_minutes = present.delay_minutes + excluded.delay_minutes,
      on_time_arrivals = present.on_time_arrivals + excluded.on_time_arrivals`,
};
