import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { datasetFile } from './dataset-file';
import type { Flight } from './flight';

export interface Rows {
  /** The first row, counted from 0; default 0. */
  readonly from?: number;
  /** The row behind the last one; default: all. */
  readonly to?: number;
}

interface Row {
  readonly date: Date;
  readonly delay: bigint;
  readonly distance: bigint;
  readonly origin: string;
  readonly destination: string;
}

/**
 * 3,000,000 US flights of the first half of 2001, or a range of them. One row group of the file (272,727 rows) is in
 * memory at a time.
 */
export async function* readFlights3m({ from = 0, to = Infinity }: Rows = {}): AsyncGenerator<Flight> {
  const file = await asyncBufferFromFile(datasetFile('flights-3m.parquet'));
  const metadata = await parquetMetadataAsync(file);
  let groupStart = 0;
  for (const group of metadata.row_groups) {
    const groupEnd = groupStart + Number(group.num_rows);
    const rowStart = Math.max(from, groupStart);
    const rowEnd = Math.min(to, groupEnd);
    groupStart = groupEnd;
    if (rowStart >= rowEnd) continue;
    const rows = await parquetReadObjects({ file, metadata, compressors, rowStart, rowEnd });
    for (const [index, row] of rows.entries()) yield toFlight(rowStart + index, row as Row);
  }
}

function toFlight(index: number, { date, delay, distance, origin, destination }: Row): Flight {
  return {
    id: `3m-${String(index + 1).padStart(7, '0')}`,
    date: toLocalTime(date),
    delay: Number(delay),
    distance: Number(distance),
    origin,
    destination,
  };
}

/** The file's times carry no zone, and come as if they were UTC. */
function toLocalTime(date: Date): string {
  return date.toISOString().slice(0, 16).replaceAll('-', '/').replace('T', ' ');
}
