import type { Flight } from './flight';
import { readFlights20k } from './flights-20k';
import { readFlights3m } from './flights-3m';

/** How many flights the smaller dataset has. */
export const FLIGHTS_20K = 20_000;
/** How many flights the larger dataset has. */
export const FLIGHTS_3M = 3_000_000;

/**
 * The first flights of the smaller dataset, or of the larger one when the smaller does not have as many. Each call
 * reads them again, in the same order and with the same ids. Memory does not grow with their number.
 */
export function readFlights(count: number): AsyncIterable<Flight> {
  return count <= FLIGHTS_20K ? readFlights20k(count) : readFlights3m({ to: count });
}

/** The id of the first flight that `readFlights(count)` gives. */
export function firstFlightId(count: number): string {
  return count <= FLIGHTS_20K ? '20k-00001' : '3m-0000001';
}
