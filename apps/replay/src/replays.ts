import type { OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from '@millrace/contracts';
import {
  liveBuild,
  LiveBuildChangedError,
  readHostedVersions,
  releaseKeptBuild,
  ReplayActiveError,
  ReplayRuns,
  shapedBuild,
} from '@millrace/postgres';
import type { ReplayRun, RunKind, StoredBuild } from '@millrace/postgres';
import type { KeySample } from '@millrace/projecting';
import type { Servers } from '@millrace/reading';
import type { MetricSource } from '@millrace/service';
import type { TopicSchemasOptions } from '@millrace/schema-registry';
import { BuildWatch } from './build-watch';
import type { SampleRequest } from './choose-sample';
import { chooseSample } from './choose-sample';
import { Coordinator } from './coordinator';
import {
  NotComparedError,
  NothingHeldError,
  ReplayRefusedError,
  ReplayStartingError,
  UnknownProjectionError,
} from './errors';
import { projectionMetrics } from './metrics/scrape-projections';
import { presentRun } from './present';
import { ProjectionReports } from './projection-reports';
import { RebuildPlanner } from './rebuild-planner';
import type { RebuildPlan } from './rebuild-planner';
import { rollBack } from './roll-back';
import type { RolledBack } from './roll-back';
import { RunProgresses } from './run-progress';

/** What operators can ask of replays. The runs live in the database; this process plans them and drives them on. */
export class Replays implements OnApplicationShutdown {
  readonly progresses: RunProgresses;
  readonly reports: ProjectionReports;
  private readonly watch: BuildWatch;
  private readonly stopping = new AbortController();
  private readonly planner: RebuildPlanner;
  private readonly coordinator: Coordinator;
  private readonly stored: ReplayRuns;
  private started = false;

  constructor(
    readonly servers: Servers,
    readonly options: { readonly schemas: TopicSchemasOptions; readonly log: Logger },
  ) {
    this.planner = new RebuildPlanner(servers, options.schemas);
    this.coordinator = new Coordinator(servers.database, options.log);
    this.progresses = new RunProgresses(servers.database, servers.cluster);
    this.stored = new ReplayRuns(servers.database);
    this.watch = new BuildWatch(servers);
    this.reports = new ProjectionReports(servers, this.watch);
  }

  /** Waits for the servers, then goes on with the runs that are under way. @throws lasting errors. */
  async start(): Promise<void> {
    await this.servers.prepare({ migrations: [], signal: this.stopping.signal });
    if (this.stopping.signal.aborted) return;
    this.started = true;
    this.coordinator.start();
    this.progresses.start();
    this.watch.start();
  }

  /** Of all projections; none before the first start. */
  get metrics(): MetricSource {
    const source = projectionMetrics(this.watch, this.stored);
    return async () => (this.started ? source() : []);
  }

  /** The runs. @throws ReplayStartingError before the first start. */
  get runs(): ReplayRuns {
    this.assertStarted();
    return this.stored;
  }

  assertStarted(): void {
    if (!this.started) throw new ReplayStartingError();
  }

  /** What a rebuild would do; changes nothing. @throws UnknownProjectionError, UnknownVersionError */
  async plan(projection: string, version: number | undefined): Promise<RebuildPlan> {
    this.assertStarted();
    return this.planner.plan(projection, version);
  }

  /**
   * Begins a rebuild; with `hold` it is not swapped until somebody says so. @throws ReplayRefusedError when it could not be
   * right; ReplayActiveError, BuildKeptError, UnknownProjectionError, UnknownVersionError.
   */
  async rebuild(projection: string, version: number | undefined, hold = false): Promise<ReplayRun> {
    return this.begin(projection, async () => ({
      plan: await this.plan(projection, version),
      kind: 'rebuild',
      hold,
    }));
  }

  /**
   * Begins to check the live rows, or a sample of them, against the log. @throws ReplayRefusedError when the log cannot
   * tell; ReplayActiveError, UnknownProjectionError.
   */
  async verify(projection: string, sample: SampleRequest | undefined): Promise<ReplayRun> {
    const { database } = this.servers;
    await this.assertKnown(projection);
    return this.begin(projection, async () => {
      const plan = await this.plan(projection, (await liveBuild(database, projection))?.version);
      const live = await shapedBuild(database, plan.live);
      return { plan, kind: 'verify', sample: await chooseSample(database, live, sample) };
    });
  }

  private async begin(
    projection: string,
    prepare: () => Promise<{
      plan: RebuildPlan;
      kind: RunKind;
      hold?: boolean;
      sample?: KeySample | undefined;
    }>,
  ): Promise<ReplayRun> {
    for (;;) {
      const { plan, kind, hold = false, sample } = await prepare();
      const { shape, live: replaces, refusals, sameLogic, partitions } = plan;
      if (refusals.length > 0) throw new ReplayRefusedError(projection, refusals, kind);
      const asked = { kind, hold, ...(sample === undefined ? {} : { sample }) };
      try {
        return await this.stored.begin(shape, { replaces, plan: { sameLogic, partitions }, ...asked });
      } catch (error) {
        // Somebody swapped in between: what was planned is planned anew.
        if (!(error instanceof LiveBuildChangedError)) throw error;
      }
    }
  }

  /**
   * The rebuild of a projection that was compared with the live build and waits, with what was found.
   * @throws UnknownProjectionError, NothingHeldError, NotComparedError
   */
  async compared(projection: string): Promise<ReplayRun> {
    const run = await this.rebuildOf(projection);
    if (run.proof === undefined) throw new NotComparedError(projection, run.id, run.state);
    return run;
  }

  /** Lets the rebuild that waits go live. @throws UnknownProjectionError, NothingHeldError, ReplayStateError */
  async swap(projection: string): Promise<ReplayRun> {
    return this.stored.approve((await this.rebuildOf(projection)).id);
  }

  /** A run as JSON. */
  async present(run: ReplayRun): Promise<Record<string, unknown>> {
    return presentRun(run, await this.progresses.of(run));
  }

  private async rebuildOf(projection: string): Promise<ReplayRun> {
    await this.assertKnown(projection);
    const [run] = await this.stored.list({ projection, active: true, kind: 'rebuild' });
    if (run === undefined) throw new NothingHeldError(projection);
    return run;
  }

  /**
   * Shows readers the build of before again; the one that they see now is kept in its place.
   * @throws UnknownProjectionError, NothingKeptError, RollbackDelayedError
   */
  async rollback(projection: string): Promise<RolledBack> {
    await this.assertKnown(projection);
    return rollBack(this.servers.database, projection);
  }

  /** Gives up the way back: the build of before is dropped. @throws UnknownProjectionError, NothingKeptError */
  async release(projection: string): Promise<StoredBuild> {
    await this.assertKnown(projection);
    const [active] = await this.stored.list({ projection, active: true, kind: 'rebuild' });
    if (active !== undefined) throw new ReplayActiveError(projection, active);
    return releaseKeptBuild(this.servers.database, projection);
  }

  /** @throws UnknownProjectionError, ReplayStartingError */
  async assertKnown(projection: string): Promise<void> {
    this.assertStarted();
    const known = (await readHostedVersions(this.servers.database)).map(({ shape }) => shape.name);
    if (!known.includes(projection)) throw new UnknownProjectionError(projection, [...new Set(known)]);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    if (this.started) await Promise.all([this.coordinator.stop(), this.progresses.stop(), this.watch.stop()]);
    await this.servers.close();
  }
}
