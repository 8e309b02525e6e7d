import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { defineAggregate } from '@millrace/projecting';

/** `airport` as its team means to change it: on time is not a minute late, and the worst delay is shown. */
export const projection = defineAggregate({
  name: 'airport',
  version: 2,
  key: 'airport',
  columns: {
    departures: { type: 'bigint', merge: 'sum' },
    arrivals: { type: 'bigint', merge: 'sum' },
    delayMinutes: { type: 'bigint', merge: 'sum' },
    onTimeArrivals: { type: 'bigint', merge: 'sum' },
    worstDelayMinutes: { type: 'integer', merge: 'max' },
  },
  queryable: ['departures'],
  empty: {
    departures: 0n,
    arrivals: 0n,
    delayMinutes: 0n,
    onTimeArrivals: 0n,
    worstDelayMinutes: -2_147_483_648,
  },
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
        departures: airport.departures,
        arrivals: airport.arrivals + 1n,
        delayMinutes: airport.delayMinutes + BigInt(delayMinutes),
        onTimeArrivals: airport.onTimeArrivals + (delayMinutes <= 0 ? 1n : 0n),
        worstDelayMinutes: Math.max(airport.worstDelayMinutes, delayMinutes),
      }),
    ),
  ],
});
