import type { Flights } from '../feeder/flight';
import { foldAirports, foldFlights } from './independent-fold';
import type { AirportRow } from './independent-fold';
import { compareNumbers, compareRows } from './proof';
import type { Proof } from './proof';
import type { ReadModels } from './read-models';

/**
 * Compares both read models, row by row and in sum, with a fold of the file that shares no code with them. `read`
 * reads the file from its beginning; it is read twice. `onCompared` gets the flights compared so far.
 */
export async function prove(
  read: () => Flights,
  models: Pick<ReadModels, 'flights' | 'airports'>,
  onCompared: (rows: number) => void = () => undefined,
): Promise<Proof[]> {
  const folded = await foldAirports(read());
  const airports = await models.airports();
  const flights = { expected: foldFlights(read()), got: counted(models.flights(), onCompared) };
  return [
    await compareRows('rows of flight', flights, ({ flightId }) => flightId),
    await compareRows(
      'rows of airport',
      { expected: folded.airports, got: airports },
      ({ airport }) => airport,
    ),
    compareNumbers('departures', folded.flights, sumOf(airports, 'departures')),
    compareNumbers('arrivals', folded.flights, sumOf(airports, 'arrivals')),
    compareNumbers('minutes of delay', folded.delayMinutes, sumOf(airports, 'delayMinutes')),
  ];
}

export function sumOf(
  airports: readonly AirportRow[],
  column: 'departures' | 'arrivals' | 'delayMinutes',
): number {
  return airports.reduce((sum, row) => sum + row[column], 0);
}

async function* counted<Row>(rows: AsyncIterable<Row>, onCount: (rows: number) => void): AsyncGenerator<Row> {
  let count = 0;
  for await (const row of rows) {
    yield row;
    onCount(++count);
  }
}
