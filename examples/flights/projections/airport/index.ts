import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { defineAggregate } from '@millrace/projecting';

/** A landing counts as on time when it is less than 15 minutes late, as the US Department of Transportation counts. */
const ON_TIME_BELOW_MINUTES = 15;

/** What happened at each airport: departures there, and landings there with their delays. */
export const projection = defineAggregate({
  name: 'airport',
  version: 1,
  key: 'airport',
  columns: {
    departures: { type: 'bigint', merge: 'sum' },
    arrivals: { type: 'bigint', merge: 'sum' },
    delayMinutes: { type: 'bigint', merge: 'sum' },
    onTimeArrivals: { type: 'bigint', merge: 'sum' },
  },
  // A few hundred rows.
  queryable: ['departures'],
  empty: { departures: 0n, arrivals: 0n, delayMinutes: 0n, onTimeArrivals: 0n },
  folds: (fold) => [
    fold(
      FlightDeparted,
      ({ origin }) => origin,
      (airport) => ({ ...airport, departures: airport.departures + 1n }),
    ),
    fold(
      FlightLanded,
      ({ destination }) => destination,
      (airport, { delayMinutes }) => ({
        ...airport,
        arrivals: airport.arrivals + 1n,
        delayMinutes: airport.delayMinutes + BigInt(delayMinutes),
        onTimeArrivals: airport.onTimeArrivals + (delayMinutes < ON_TIME_BELOW_MINUTES ? 1n : 0n),
      }),
    ),
  ],
  derive: ({ arrivals, onTimeArrivals }) => ({
    onTimeShare: arrivals === 0n ? null : Number(onTimeArrivals) / Number(arrivals),
  }),
});
