import type { TestDatabase } from '@millrace/testing';
import { readFlights } from '../../examples/flights/feeder/flights';

/** What the rows of any right read model of the flights add up to. */
export interface Totals {
  readonly flights: number;
  readonly delayMinutes: number;
}

export interface ModelTable {
  readonly database: Pick<TestDatabase, 'query'>;
  /** With its schema. */
  readonly table: string;
  readonly model: 'flight' | 'airport';
}

/** Adds up the flights themselves, beside all that goes through the log. */
export async function totalsOf(flights: number): Promise<Totals> {
  let delayMinutes = 0;
  for await (const { delay } of readFlights(flights)) delayMinutes += delay;
  return { flights, delayMinutes };
}

/** A contestant that is fast and wrong has not won. @throws Error with both sums */
export async function checkTotals(
  name: string,
  expected: Totals,
  { database, table, model }: ModelTable,
): Promise<void> {
  const flights = model === 'flight' ? 'count(*)' : 'sum(departures)';
  const [got] = await database.query<{ flights: string; delay_minutes: string }>(
    `SELECT ${flights} AS flights, sum(delay_minutes) AS delay_minutes FROM ${table}`,
  );
  if (Number(got?.flights) === expected.flights && Number(got?.delay_minutes) === expected.delayMinutes)
    return;
  throw new Error(
    `${name}: expected ${expected.flights} flights with ${expected.delayMinutes} minutes of delay in ${table}, got ${got?.flights} and ${got?.delay_minutes}`,
  );
}
