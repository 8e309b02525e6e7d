/** The limit of writing: the rows that a rebuild comes to, ready as text, into an empty table that is laid out as ours. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { readFlights } from '../../../examples/flights/feeder/flights';
import { serveRounds } from '../../program';
import { flightLoop } from '../hand-tuned/flight-loop';

export interface CopyInput {
  readonly databaseUrl: string;
  readonly flights: number;
}

/** What a busy writer hands to a socket at once. */
const CHUNK_BYTES = 65_536;

await serveRounds(async ({ databaseUrl, flights }: CopyInput) => {
  const client = new Client({ connectionString: databaseUrl, options: '-c synchronous_commit=off' });
  await client.connect();
  const chunks = await rowsAsText(flights);
  return async () => {
    await client.query(
      `DROP SCHEMA IF EXISTS bench CASCADE; CREATE SCHEMA bench; ${flightLoop.createTable}; CHECKPOINT`,
    );
    const startedAt = performance.now();
    const startedCpu = process.cpuUsage();
    await pipeline(Readable.from(chunks), client.query(copyFrom('COPY bench.flight FROM STDIN')));
    const { user, system } = process.cpuUsage(startedCpu);
    // An event is half a row: a departure and a landing make one.
    const events = flights * 2;
    return {
      rate: events / ((performance.now() - startedAt) / 1_000),
      cpu: (user + system) / events,
    };
  };
});

async function rowsAsText(flights: number): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  let text = '';
  for await (const { id, origin, destination, date, distance, delay } of readFlights(flights)) {
    text += `${id}\t${origin}\t${destination}\t${date.replaceAll('/', '-')}+00\t${distance}\t${delay}\n`;
    if (text.length < CHUNK_BYTES) continue;
    chunks.push(Buffer.from(text));
    text = '';
  }
  chunks.push(Buffer.from(text));
  return chunks;
}
