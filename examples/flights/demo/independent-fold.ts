import { flightId } from '../feeder/flights-file';
import type { Flight } from '../feeder/flights-file';

export interface FlightRow {
  readonly flightId: string;
  readonly origin: string;
  readonly destination: string;
  readonly departedAt: string;
  readonly distanceMiles: number;
  readonly delayMinutes: number;
}

export interface AirportRow {
  readonly airport: string;
  readonly departures: number;
  readonly arrivals: number;
  readonly delayMinutes: number;
  readonly onTimeShare: number | null;
}

/**
 * What the read models must show, computed from the file alone: no event, no schema and no projection of the
 * platform takes part.
 */
export function foldFlights(flights: readonly Flight[]): readonly FlightRow[] {
  return flights.map(({ date, delay, distance, origin, destination }, index) => ({
    flightId: flightId(index),
    origin,
    destination,
    departedAt: new Date(`${date.replaceAll('/', '-')}Z`).toISOString(),
    distanceMiles: distance,
    delayMinutes: delay,
  }));
}

export function foldAirports(flights: readonly Flight[]): readonly AirportRow[] {
  const names = [...new Set(flights.flatMap(({ origin, destination }) => [origin, destination]))].sort();
  return names.map((airport) => {
    const landings = flights.filter(({ destination }) => destination === airport);
    const onTime = landings.filter(({ delay }) => delay < 15).length;
    return {
      airport,
      departures: flights.filter(({ origin }) => origin === airport).length,
      arrivals: landings.length,
      delayMinutes: landings.reduce((sum, { delay }) => sum + delay, 0),
      onTimeShare: landings.length === 0 ? null : onTime / landings.length,
    };
  });
}
