import { parseArgs } from 'node:util';
import type { CrashPointName } from '@millrace/contracts';
import { faultKinds } from './fault';
import type { FaultKind } from './fault';

export interface FaultsOptions {
  readonly help: boolean;
  /** The same seed gives the same schedule and the same events. */
  readonly seed: number;
  readonly minutes: number;
  readonly kinds: readonly FaultKind[];
  /** The crash points that are drawn from; all by default. */
  readonly crashPoints?: readonly CrashPointName[];
  /** Events a second. */
  readonly rate: number;
  readonly keys: number;
  /** Keep the directory of a run that found nothing, too. */
  readonly keep: boolean;
  readonly mutant: string | undefined;
  /** The topic has an idempotency window, and each event must be in its log once. */
  readonly window: boolean;
}

export const help = `npm run faults -- [options]

Publishes events, hurts the platform on a schedule, and checks afterwards that nothing is lost, doubled or out of order.

  --seed N          the schedule and the events; a new one each time by default, printed
  --minutes M       how long faults are injected (default 1)
  --only a,b        these kinds of faults alone:
                    ${faultKinds.join(', ')}
  --rate N          events a second (default 200)
  --keys N          how many keys share them (default 12: contention finds more than volume)
  --window          give the topic an idempotency window: each event has to be in the log once
  --mutant NAME     run a build with this bug planted; "list" shows them
  --keep            keep the run's directory although nothing was found
  --help            this text

Exits with 0 when nothing was found, 1 when something was or the run could not be examined; everything is then kept in
one directory. 2 for a wrong option.`;

/** Reads the arguments. @throws Error with what is accepted. */
export function parseOptions(args: readonly string[]): FaultsOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      minutes: { type: 'string' },
      only: { type: 'string' },
      rate: { type: 'string' },
      keys: { type: 'string' },
      mutant: { type: 'string' },
      keep: { type: 'boolean' },
      window: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const names = values.only?.split(',') ?? [];
  const unknown = names.filter((name) => !faultKinds.includes(name as FaultKind));
  if (unknown.length > 0)
    throw new Error(`--only: ${unknown.join(', ')} is none of ${faultKinds.join(', ')}`);
  return {
    help: values.help === true,
    seed: number('seed', values.seed, {
      fallback: Math.floor(Math.random() * 2 ** 31),
      from: 0,
      to: 2 ** 32,
    }),
    minutes: number('minutes', values.minutes, { fallback: 1, from: 0, to: 24 * 60 }),
    kinds: names.length === 0 ? faultKinds : (names as FaultKind[]),
    rate: number('rate', values.rate, { fallback: 200, from: 1, to: 20_000 }),
    keys: number('keys', values.keys, { fallback: 12, from: 1, to: 100_000 }),
    keep: values.keep === true,
    mutant: values.mutant,
    window: values.window === true,
  };
}

function number(
  name: string,
  text: string | undefined,
  { fallback, from, to }: { readonly fallback: number; readonly from: number; readonly to: number },
): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < from || value > to) {
    throw new Error(`--${name}: expected a number from ${from} to ${to}, got ${text}`);
  }
  return value;
}
