import type { Measured } from './measured';
import { holds } from './proof';
import type { Proof } from './proof';
import type { ReadModels } from './read-models';
import { airportTable, flightTable } from './tables';

const AIRPORTS = 8;
const FLIGHTS = 4;

export const number = new Intl.NumberFormat('en-US');

/** The busiest airports and the latest flights, as tables. */
export async function readModelTables(models: ReadModels): Promise<string> {
  const airports = airportTable(await models.busiestAirports(AIRPORTS));
  const flights = flightTable(await models.latestFlights(FLIGHTS));
  return `${airports}\n${flights}`.replaceAll(/^/gm, '  ');
}

export function proofLine(proof: Proof): string {
  const { what, expected, got, missing, extra, changed, differing } = proof;
  const wrong = `; ${number.format(missing)} missing, ${number.format(extra)} extra, ${number.format(changed)} changed`;
  const keys = differing.length === 0 ? '' : `${wrong}, the first: ${differing.join(', ')}`;
  return `  ${holds(proof) ? '✓' : '✗'} ${what}: expected ${number.format(expected)}, got ${number.format(got)}${keys}`;
}

/** What was measured, for a person. */
export function measuredLines({ rates, memoryMiB }: Measured): string[] {
  const perSecond = Object.entries(rates) as [string, number][];
  const lines = perSecond.map(([step, rate]) => `  ${step.padEnd(11)} ${number.format(rate)} events/s`);
  if (memoryMiB === undefined) return lines;
  const memory = Object.entries(memoryMiB).map(([name, mib]) => `${name} ${number.format(mib)}`);
  return [...lines, `  peak memory in MiB: ${memory.join(', ')}`];
}
