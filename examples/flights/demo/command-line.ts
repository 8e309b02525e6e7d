import { parseArgs } from 'node:util';
import { FLIGHTS_20K, FLIGHTS_3M } from '../feeder/flights';

export const HELP = `Starts Millrace with the flights example: Kafka, the schema registry, PostgreSQL and the services, feeds
20,000 flights, proves the read models, builds them again from the log, and proves those. Stays up until Ctrl-C.

  npm start -- [options]

  --flights N   feed N flights instead, 1 to 3,000,000; above 20,000 they are those of the first half of 2001, and a
                second start on the same data does not feed them again. Each N but 20,000 has data of its own, in
                .millrace/stack-<N> instead of .millrace/stack
  --exit        stop by itself; exits with 0 only if every proof held; the last line is a JSON object
  --fresh       wipe the data of the embedded servers first
  --help        this text

To use servers of your own, set KAFKA_BROKERS, SCHEMA_REGISTRY_URL and DATABASE_URL, all three.`;

export interface CommandLine {
  readonly flights: number;
  readonly exit: boolean;
  readonly fresh: boolean;
  readonly help: boolean;
}

/** @throws Error for an option that is not there, or a value that it cannot take. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    options: {
      flights: { type: 'string', default: String(FLIGHTS_20K) },
      exit: { type: 'boolean', default: false },
      fresh: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return { ...values, flights: parseFlights(values.flights) };
}

/** Where the embedded servers keep the data of so many flights: runs of different sizes never mix. */
export function directoryFor(flights: number): string {
  return flights === FLIGHTS_20K ? '.millrace/stack' : `.millrace/stack-${flights}`;
}

function parseFlights(text: string): number {
  const flights = /^\d+$/.test(text) ? Number(text) : 0;
  if (flights >= 1 && flights <= FLIGHTS_3M) return flights;
  throw new Error(
    `--flights takes a whole number from 1 to ${FLIGHTS_3M.toLocaleString('en-US')}, got ${text === '' ? 'nothing' : text}`,
  );
}
