import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** One flight as the dataset has it. */
export interface Flight {
  /** Local time of departure, `YYYY/MM/DD HH:mm`. */
  readonly date: string;
  /** Minutes late on landing; negative when early. */
  readonly delay: number;
  /** Statute miles. */
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
}

/** 20,000 US flights of 2001, from the npm package vega-datasets (BSD-3). */
export async function readFlights(): Promise<readonly Flight[]> {
  const packageMain = createRequire(import.meta.url).resolve('vega-datasets');
  const file = join(packageMain, '../../data/flights-20k.json');
  return JSON.parse(await readFile(file, 'utf8')) as Flight[];
}

/** The id of the flight in row `index` of the file: the same each time the file is read. */
export function flightId(index: number): string {
  return `20k-${String(index + 1).padStart(5, '0')}`;
}
