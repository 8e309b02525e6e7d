import { buildTable, ReplayRuns } from '@millrace/postgres';
import type { Comparison, ReplayRun } from '@millrace/postgres';
import type { Servers } from '@millrace/reading';
import type { BuildStanding, BuildWatch, Standing } from './build-watch';
import { UnknownProjectionError } from './errors';
import { presentBuild } from './present';

/** What a verification has found, as JSON. */
export interface VerificationReport {
  /** The number of its run. */
  readonly replay: number;
  readonly at: string;
  /** The live build that it looked at. */
  readonly version: number;
  readonly build: number;
  readonly equal: boolean;
  /** Rows that it compared, and keys that differ. */
  readonly rows: string;
  readonly keys: string;
  /** The share of the keys that it looked at, where it was not all of them. */
  readonly share?: number;
  /** The last record of each partition that both sides included. */
  readonly positions: readonly string[];
  /** Which keys differ; only where the report is in full. */
  readonly differing?: Comparison['differing'];
}

/** How projections are doing, as JSON; 64-bit numbers are text, and `null` is what is not known. */
export class ProjectionReports {
  private readonly runs: ReplayRuns;

  constructor(
    servers: Pick<Servers, 'database'>,
    private readonly watch: BuildWatch,
  ) {
    this.runs = new ReplayRuns(servers.database);
  }

  /** All of them, each with its builds and what is under way. */
  async list(): Promise<Record<string, unknown>[]> {
    const standing = await this.watch.look();
    return this.describe(standing, namesOf(standing));
  }

  /** One of them with what it is defined as, in the version that is live. @throws UnknownProjectionError */
  async show(name: string): Promise<unknown> {
    const standing = await this.watch.look();
    const own = standing.versions.filter(({ shape }) => shape.name === name);
    if (own.length === 0) throw new UnknownProjectionError(name, namesOf(standing));
    const [report] = await this.describe(standing, [name]);
    const live = own.find(({ shape }) => shape.version === report?.['liveVersion']) ?? own.at(-1);
    const [verification] = (await this.runs.lastDone('verify')).filter(
      (run) => run.build.projection === name,
    );
    return {
      ...report,
      lastVerification: verification === undefined ? null : presentVerification(verification, 'in full'),
      versions: own.map(({ shape, hostedNow }) => ({ version: shape.version, hostedNow })),
      definition: live?.shape ?? null,
    };
  }

  private async describe(standing: Standing, names: readonly string[]): Promise<Record<string, unknown>[]> {
    const [verifications, active] = await Promise.all([
      this.runs.lastDone('verify'),
      this.runs.list({ active: true }),
    ]);
    return names.map((name) => {
      const builds = standing.builds.filter(({ build }) => build.projection === name);
      const live = builds.find(({ build }) => build.state === 'live')?.build;
      const verification = verifications.find((run) => run.build.projection === name);
      return {
        name,
        liveVersion: live?.version ?? null,
        liveBuild: live?.build ?? null,
        builds: builds.map(presentStanding),
        runs: active
          .filter((run) => run.build.projection === name)
          .map(({ id, kind, state, paused }) => ({ id, kind, state, paused })),
        lastVerification: verification === undefined ? null : presentVerification(verification),
      };
    });
  }
}

function namesOf({ versions }: Standing): string[] {
  return [...new Set(versions.map(({ shape }) => shape.name))];
}

function presentStanding({ build, partitions, parked, recordsPerSecond, size }: BuildStanding): object {
  const lags = partitions.map(({ lag }) => lag);
  const seconds = partitions.map(({ lagSeconds }) => lagSeconds);
  return {
    ...presentBuild(build),
    state: build.state,
    ...(build.sample === undefined ? {} : { sample: { share: build.sample.share } }),
    table: buildTable(build),
    createdAt: build.createdAt.toISOString(),
    lag: lags.includes(null) ? null : String(lags.reduce((sum: bigint, lag) => sum + (lag ?? 0n), 0n)),
    lagSeconds: seconds.includes(null) ? null : Math.max(0, ...seconds.map((each) => each ?? 0)),
    recordsPerSecond,
    tableBytes: size === undefined ? null : String(size.bytes),
    rowsEstimated: size?.rowsEstimated ?? null,
    parked: {
      keys: parked.reduce((sum, { keys }) => sum + keys, 0),
      events: parked.reduce((sum, { events }) => sum + events, 0),
    },
    partitions: partitions.map(
      ({ topic, partition, nextOffset, logEnd, lag, lagSeconds, problem, isTaken }) => ({
        topic,
        partition,
        nextOffset: String(nextOffset),
        logEnd: logEnd === null ? null : String(logEnd),
        lag: lag === null ? null : String(lag),
        lagSeconds,
        state: problem?.state ?? (isTaken ? 'running' : 'unassigned'),
        ...(problem === undefined ? {} : { reason: problem.reason }),
      }),
    ),
  };
}

/** Of a verification that has ended with a proof. */
function presentVerification(run: ReplayRun, how?: 'in full'): VerificationReport | null {
  const { id, replaces, proof, sample, finishedAt } = run;
  if (proof === undefined || finishedAt === undefined) return null;
  return {
    replay: id,
    at: finishedAt.toISOString(),
    ...presentBuild(replaces),
    equal: proof.equal,
    rows: proof.live.rows,
    keys: proof.differing.keys,
    ...(sample === undefined ? {} : { share: sample.share }),
    positions: proof.positions,
    ...(how === undefined ? {} : { differing: proof.differing }),
  };
}
