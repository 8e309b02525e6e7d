import type { Flight } from '../feeder/flights-file';
import { foldAirports, foldFlights } from './independent-fold';
import type { AirportRow, FlightRow } from './independent-fold';
import { compareNumbers, compareRows } from './proof';
import type { Proof } from './proof';

export interface ReadModelRows {
  readonly flights: readonly FlightRow[];
  readonly airports: readonly AirportRow[];
}

/** Compares both read models, row by row and in sum, with a fold of the file that shares no code with them. */
export function prove(file: readonly Flight[], models: ReadModelRows): Proof[] {
  const { flights, airports } = models;
  const delay = file.reduce((sum, flight) => sum + flight.delay, 0);
  return [
    compareRows('rows of flight', foldFlights(file), flights, ({ flightId }) => flightId),
    compareRows('rows of airport', foldAirports(file), airports, ({ airport }) => airport),
    compareNumbers('departures', file.length, sumOf(airports, 'departures')),
    compareNumbers('arrivals', file.length, sumOf(airports, 'arrivals')),
    compareNumbers('minutes of delay', delay, sumOf(airports, 'delayMinutes')),
  ];
}

export function sumOf(
  airports: readonly AirportRow[],
  column: 'departures' | 'arrivals' | 'delayMinutes',
): number {
  return airports.reduce((sum, row) => sum + row[column], 0);
}
