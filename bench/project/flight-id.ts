import { FLIGHTS_20K } from '../../examples/flights/feeder/flights';

/** The id of a flight by its place in the log's order of departures, counted from 0; `ofAll`: how many flights the log is made of. */
export function flightIdAt(index: number, ofAll: number): string {
  const [dataset, digits] = ofAll <= FLIGHTS_20K ? ['20k', 5] : ['3m', 7];
  return `${dataset}-${String(index + 1).padStart(digits, '0')}`;
}
