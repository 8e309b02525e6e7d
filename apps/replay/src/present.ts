import type { ProjectionBuild } from '@millrace/projecting';
import type { ReplayRun } from '@millrace/postgres';
import type { RebuildPlan } from './rebuild-planner';
import type { RunProgress } from './run-progress';

/** How long a run may go without anybody folding it before the run says so. */
const UNASSIGNED_AFTER_MS = 15_000;

/** A run as JSON; offsets and counts are text. */
export function presentRun(run: ReplayRun, progress: RunProgress): Record<string, unknown> {
  const { id, kind, state, paused, hold, sample, build, plan, proof, swap } = run;
  const reason = run.reason ?? standingReason(run, progress);
  return {
    id,
    kind,
    projection: build.projection,
    version: build.version,
    build: build.build,
    sameLogic: plan.sameLogic,
    ...(hold ? { hold } : {}),
    ...(sample === undefined ? {} : { sample: { share: sample.share } }),
    replaces: presentBuild(run.replaces),
    state,
    paused,
    ...(reason === undefined ? {} : { reason }),
    requestedAt: run.requestedAt.toISOString(),
    ...(run.finishedAt === undefined ? {} : { finishedAt: run.finishedAt.toISOString() }),
    progress,
    ...(proof === undefined ? {} : { proof }),
    ...(swap === undefined || state !== 'done' ? {} : { swap }),
  };
}

export function presentPlan({ shape, live, sameLogic, partitions, refusals, checks }: RebuildPlan): object {
  const events = partitions.reduce((total, { from, to }) => total + BigInt(to) - BigInt(from), 0n);
  return {
    kind: 'rebuild',
    projection: shape.name,
    version: shape.version,
    sameLogic,
    replaces: presentBuild(live),
    events: String(events),
    partitions,
    checks,
    refusals,
  };
}

export function presentBuild({ version, build }: ProjectionBuild): { version: number; build: number } {
  return { version, build };
}

function standingReason(run: ReplayRun, { partitions }: RunProgress): string | undefined {
  if (run.state !== 'building' || run.paused) return undefined;
  const stuck = partitions.find(({ state }) => state === 'halted' || state === 'held');
  if (stuck !== undefined) return `${stuck.topic}/${stuck.partition} is ${stuck.state}: ${stuck.reason}`;
  const waitedMs = Date.now() - run.requestedAt.getTime();
  if (waitedMs < UNASSIGNED_AFTER_MS || !partitions.some(({ state }) => state === 'unassigned'))
    return undefined;
  return (
    `no process has taken every partition yet. Is a projection service running that hosts version ` +
    `${run.build.version} of ${run.build.projection}?`
  );
}
