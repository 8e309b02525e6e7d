import { readFile } from 'node:fs/promises';
import { datasetFile } from './dataset-file';
import type { Flight } from './flight';

/** The first of 20,000 US flights of the first months of 2001. */
export async function* readFlights20k(count: number): AsyncGenerator<Flight> {
  const rows = JSON.parse(await readFile(datasetFile('flights-20k.json'), 'utf8')) as Omit<Flight, 'id'>[];
  for (const [index, row] of rows.slice(0, count).entries()) {
    yield { id: `20k-${String(index + 1).padStart(5, '0')}`, ...row };
  }
}
