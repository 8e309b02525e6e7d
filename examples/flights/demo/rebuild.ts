import { setTimeout as sleep } from 'node:timers/promises';
import { showProgress } from './progress';
import { ReplayProblem, Replays } from './replays';
import type { ReplayRun } from './replays';
import { number } from './show';

export interface RebuildOptions {
  readonly replayUrl: string;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface Rebuilt {
  /** Whether every rebuild was proven equal to the live rows, and went live. */
  readonly equal: boolean;
  /** Events per second, whole; absent when an earlier run had begun them all. */
  readonly rate?: number;
}

const PROJECTIONS = ['flight', 'airport'];
const DEFAULT_PORT = '3004';
const POLL_MS = 100;
const SETTLED: readonly ReplayRun['state'][] = ['done', 'refused', 'review', 'cancelled'];

/** Builds both projections again from the log, one after the other, and resolves once each is live or given up. */
export async function rebuild(options: RebuildOptions): Promise<Rebuilt> {
  const { replayUrl, print, signal } = options;
  const replays = new Replays(replayUrl, signal);
  const measured = { events: 0, seconds: 0 };
  let equal = true;
  for (const projection of PROJECTIONS) {
    const underWay = await replays.active(projection);
    const startedAt = performance.now();
    const begun = underWay ?? (await begin(projection, { replays, print }));
    const said = underWay === undefined ? 'began' : 'of an earlier run goes on';
    const command = millraceCommand(replayUrl, `replay watch ${begun.id}`);
    print(`  ${projection}: rebuild ${begun.id} ${said}; to watch it: ${command}`);
    const run = await watch(begun, { ...options, replays });
    print(outcome(run, replayUrl));
    equal &&= run.state === 'done';
    if (underWay !== undefined) continue;
    measured.events += Number(run.progress.total);
    measured.seconds += (performance.now() - startedAt) / 1_000;
  }
  return {
    equal,
    ...(measured.events === 0 ? {} : { rate: Math.round(measured.events / measured.seconds) }),
  };
}

/** A command for the user's other terminal. */
export function millraceCommand(replayUrl: string, args: string): string {
  const variable = new URL(replayUrl).port === DEFAULT_PORT ? '' : `REPLAY_URL=${replayUrl} `;
  return `${variable}npm run millrace -- ${args}`;
}

interface Steering {
  readonly replays: Replays;
  readonly print: (line: string) => void;
}

async function begin(projection: string, { replays, print }: Steering): Promise<ReplayRun> {
  try {
    return await replays.rebuild(projection);
  } catch (error) {
    if (!(error instanceof ReplayProblem && error.slug === 'build-kept')) throw error;
    const { build } = await replays.release(projection);
    print(`  ${projection}: released build ${build}, which an earlier swap kept for rollback`);
    return replays.rebuild(projection);
  }
}

async function watch(run: ReplayRun, options: RebuildOptions & Steering): Promise<ReplayRun> {
  const { replays, replayUrl, print, signal } = options;
  const begin = () => showProgress(`${run.projection} rebuilt`, Number(run.progress.total));
  let progress = begin();
  let said: string | undefined;
  try {
    for (;;) {
      const now = await replays.get(run.id);
      progress.update(Number(now.progress.done));
      if (SETTLED.includes(now.state)) return now;
      const resume = `paused; to go on: ${millraceCommand(replayUrl, `replay resume ${run.id}`)}`;
      const standing = now.paused ? resume : now.reason;
      if (standing !== undefined && standing !== said) {
        progress.stop();
        print(`  ${run.projection}: ${standing}`);
        progress = begin();
      }
      said = standing;
      await sleep(POLL_MS, undefined, { signal });
    }
  } finally {
    progress.stop();
  }
}

function outcome({ id, projection, state, reason, proof, swap }: ReplayRun, replayUrl: string): string {
  if (state !== 'done' || proof === undefined || swap === undefined) {
    const why = reason === undefined ? state : `${state}: ${reason}`;
    return `  ✗ ${projection}: ${why}; more: ${millraceCommand(replayUrl, `replay show ${id}`)}`;
  }
  const { rows, digest } = proof.rebuilt;
  return (
    `  ✓ ${projection}: ${number.format(BigInt(rows))} rows of its table, live and rebuilt with digest ${digest.slice(0, 16)}; ` +
    `folding was held for ${swap.pauseMs} ms at the swap`
  );
}
