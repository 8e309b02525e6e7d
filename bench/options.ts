import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly help: boolean;
  /** Counted rounds of each contestant. */
  readonly rounds: number;
  /** Events of a round. */
  readonly events: number;
  /** Figures by their names; all of them when it is empty. */
  readonly only: readonly string[];
  /** How the two events of a flight lie in the logs of `project`. */
  readonly order: FlightOrder;
}

/** `time`: as they happen, landings among the departures of others. `pairs`: each landing right after its departure. */
export type FlightOrder = 'time' | 'pairs';

const ORDERS: readonly FlightOrder[] = ['time', 'pairs'];

/** Reads what follows the name of a suite, such as `npm run bench -- publish`. @throws Error with what is accepted. */
export function parseOptions(
  args: readonly string[],
  figures: readonly string[],
  defaults: { readonly rounds: number; readonly events: number },
): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string' },
      events: { type: 'string' },
      only: { type: 'string', multiple: true },
      order: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const only = (values.only ?? []).flatMap((names) => names.split(','));
  const unknown = only.filter((name) => !figures.includes(name));
  if (unknown.length > 0) throw new Error(`--only: ${unknown.join(', ')} is none of ${figures.join(', ')}`);
  const order = ORDERS.find((each) => each === (values.order ?? 'time'));
  if (order === undefined) throw new Error(`--order: expected ${ORDERS.join(' or ')}, got ${values.order}`);
  return {
    help: values.help === true,
    rounds: whole('rounds', values.rounds, { fallback: defaults.rounds, from: 1, to: 1_000 }),
    events: whole('events', values.events, { fallback: defaults.events, from: 1_000, to: 6_000_000 }),
    only,
    order,
  };
}

function whole(
  name: string,
  text: string | undefined,
  { fallback, from, to }: { readonly fallback: number; readonly from: number; readonly to: number },
): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < from || value > to) {
    throw new Error(`--${name}: expected a whole number from ${from} to ${to}, got ${text}`);
  }
  return value;
}
