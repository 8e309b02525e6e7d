import type { Flight, Flights } from '../feeder/flight';

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

export interface FoldedAirports {
  /** By their codes. */
  readonly airports: readonly AirportRow[];
  readonly flights: number;
  readonly delayMinutes: number;
}

/**
 * What the read models must show, computed from the file alone: no event, no schema and no projection of the
 * platform takes part.
 */
export async function* foldFlights(flights: Flights): AsyncGenerator<FlightRow> {
  for await (const { id, date, delay, distance, origin, destination } of flights) {
    yield {
      flightId: id,
      origin,
      destination,
      departedAt: new Date(`${date.replaceAll('/', '-')}Z`).toISOString(),
      distanceMiles: distance,
      delayMinutes: delay,
    };
  }
}

/** The airports, in one pass that holds nothing but them. */
export async function foldAirports(flights: Flights): Promise<FoldedAirports> {
  const tallies = new Map<string, Tally>();
  const tallyOf = (airport: string) => {
    const tally = tallies.get(airport) ?? { departures: 0, arrivals: 0, delayMinutes: 0, onTime: 0 };
    tallies.set(airport, tally);
    return tally;
  };
  let count = 0;
  let delayMinutes = 0;
  for await (const flight of flights) {
    count += 1;
    delayMinutes += flight.delay;
    tallyOf(flight.origin).departures += 1;
    land(tallyOf(flight.destination), flight);
  }
  const airports = [...tallies].map(([airport, { departures, arrivals, delayMinutes, onTime }]) => ({
    airport,
    departures,
    arrivals,
    delayMinutes,
    onTimeShare: arrivals === 0 ? null : onTime / arrivals,
  }));
  airports.sort((a, b) => (a.airport < b.airport ? -1 : 1));
  return { airports, flights: count, delayMinutes };
}

interface Tally {
  departures: number;
  arrivals: number;
  delayMinutes: number;
  onTime: number;
}

function land(tally: Tally, { delay }: Flight): void {
  tally.arrivals += 1;
  tally.delayMinutes += delay;
  if (delay < 15) tally.onTime += 1;
}
