import { setTimeout as sleep } from 'node:timers/promises';
import type { LedgerEvent, Outcome } from '../attempt';
import type { Turn } from './key-plan';
import type { RecordedWays, Tried } from './recorded-ways';
import { isRefusedForNow } from './read-outcome';

export interface TurnOptions {
  readonly ways: RecordedWays;
  /** Sends again what is unknown, or refused for now, until it is acknowledged. */
  readonly resend: boolean;
  /** No attempt begins after this. */
  readonly signal: AbortSignal;
}

/** What became of the events of a turn. */
export interface TurnResult {
  readonly events: number;
  readonly invalid: number;
  readonly repeats: number;
  /** Ids of valid events that are not acknowledged. */
  readonly unsettled: readonly string[];
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;

/**
 * Publishes what a key has in its turn: all of it once; then each event that is unknown, or refused for now, again and
 * again with its id, in order; then the declared repeats of what was acknowledged.
 */
export async function takeTurn(key: string, turn: Turn, options: TurnOptions): Promise<TurnResult> {
  const { ways } = options;
  const planned = turn.events.map(({ seq, destination, valid }) => {
    return { kind: valid ? 'event' : 'invalid', event: { key, seq, destination, valid } } as const;
  });
  const settled: Tried[] = [];
  for (const tried of await ways.send(planned, turn.way)) settled.push(await settle(tried, turn, options));
  const repeated = settled.flatMap(({ event, outcome }, index) =>
    turn.events[index]?.repeats === true && outcome.outcome === 'acknowledged' ? [event] : [],
  );
  if (repeated.length > 0 && !options.signal.aborted) {
    await ways.send(
      repeated.map((event) => ({ kind: 'repeat', event }) as const),
      turn.way,
    );
  }
  return {
    events: turn.events.length,
    invalid: turn.events.filter(({ valid }) => !valid).length,
    repeats: repeated.length,
    unsettled: settled.filter(isUnsettled).map(({ event }) => event.id),
  };
}

async function settle(first: Tried, turn: Turn, { ways, resend, signal }: TurnOptions): Promise<Tried> {
  let tried = first;
  for (let waitMs = FIRST_WAIT_MS; resend && mayBeSentAgain(tried.event, tried.outcome); waitMs *= 2) {
    await sleep(Math.min(waitMs, LONGEST_WAIT_MS), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return tried;
    const [next] = await ways.send([{ kind: 'again', event: tried.event }], turn.way);
    tried = next ?? tried;
  }
  return tried;
}

function mayBeSentAgain({ valid }: LedgerEvent, outcome: Outcome): boolean {
  if (!valid || outcome.outcome === 'acknowledged') return false;
  return outcome.outcome === 'unknown' || isRefusedForNow(outcome);
}

function isUnsettled({ event, outcome }: Tried): boolean {
  return event.valid && outcome.outcome !== 'acknowledged';
}
