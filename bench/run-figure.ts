import { loadavg } from 'node:os';
import { benchLine, measuring, resultOf, spreadLine } from './figure';
import type { Contestant, FigureResult, Measured, Metric } from './figure';

export interface Race {
  readonly title: string;
  readonly metrics: readonly Metric[];
  readonly ours: Contestant;
  readonly peers: readonly Contestant[];
  /** Rounds of each before those that are counted. Default `WARM_UP_ROUNDS`. */
  readonly warmUpRounds?: number;
}

/**
 * Rounds of each contestant before those that are counted. Services run for days, and a process compiles what it runs for tens of
 * thousands of requests: after one round the slowest hundredth was three times as slow as after four.
 */
export const WARM_UP_ROUNDS = 4;

/**
 * Measures ours and the peers in turn, round by round, so that what the machine does meanwhile meets all of them; the first
 * rounds of each are not counted. The order within a round changes from round to round. Closes the contestants.
 */
export async function runRace(
  race: Race,
  { rounds, print }: { readonly rounds: number; readonly print: (line: string) => void },
): Promise<FigureResult[]> {
  const { warmUpRounds = WARM_UP_ROUNDS } = race;
  const contestants = [race.ours, ...race.peers];
  const measured = new Map<string, Measured[]>(contestants.map(({ name }) => [name, []]));
  try {
    print(race.title);
    for (const { name, settings } of contestants) print(`  ${name}: ${settings}`);
    const [before] = loadavg();
    for (let round = 0; round < warmUpRounds + rounds; round++) {
      for (let turn = 0; turn < contestants.length; turn++) {
        const contestant = contestants[(round + turn) % contestants.length];
        const result = await contestant?.round();
        if (round >= warmUpRounds && result !== undefined) measured.get(contestant?.name ?? '')?.push(result);
      }
    }
    print(`  load of the machine: ${before?.toFixed(1)} before, ${loadavg()[0]?.toFixed(1)} after`);
  } finally {
    await Promise.all(contestants.map((contestant) => contestant.close()));
  }
  return race.metrics.map((metric) => {
    if (race.metrics.length > 1) print(` ${metric.name}`);
    const those = measuring(metric, measured);
    for (const [name, results] of those) print(spreadLine(metric, name, results));
    const result = resultOf(metric, those, race.ours.name);
    print(benchLine(result));
    return result;
  });
}
