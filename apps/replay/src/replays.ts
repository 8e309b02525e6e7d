import { setTimeout as sleep } from 'node:timers/promises';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from '@millrace/contracts';
import {
  ExclusiveSession,
  keptBuild,
  liveBuild,
  LiveBuildChangedError,
  readHostedVersions,
  releaseKeptBuild,
  ReplayActiveError,
  ReplayRuns,
  shapedBuild,
  swapBuilds,
} from '@millrace/postgres';
import type { ReplayRun, StoredBuild, Swap, SwapOutcome } from '@millrace/postgres';
import type { Servers } from '@millrace/reading';
import type { TopicSchemasOptions } from '@millrace/schema-registry';
import { Coordinator } from './coordinator';
import {
  ReplayRefusedError,
  ReplayStartingError,
  RollbackDelayedError,
  UnknownProjectionError,
} from './errors';
import { RebuildPlanner } from './rebuild-planner';
import type { RebuildPlan } from './rebuild-planner';
import { RunProgresses } from './run-progress';

const ROLLBACK_TRIES_MS = 10_000;
const ROLLBACK_RETRY_MS = 250;

/** What operators can ask of replays. The runs live in the database; this process plans them and drives them on. */
export class Replays implements OnApplicationShutdown {
  readonly progresses: RunProgresses;
  private readonly stopping = new AbortController();
  private readonly planner: RebuildPlanner;
  private readonly coordinator: Coordinator;
  private readonly stored: ReplayRuns;
  private started = false;

  constructor(
    readonly servers: Servers,
    options: { readonly schemas: TopicSchemasOptions; readonly log: Logger },
  ) {
    this.planner = new RebuildPlanner(servers, options.schemas);
    this.coordinator = new Coordinator(servers.database, options.log);
    this.progresses = new RunProgresses(servers.database, servers.cluster);
    this.stored = new ReplayRuns(servers.database);
  }

  /** Waits for the servers, then goes on with the runs that are under way. @throws lasting errors. */
  async start(): Promise<void> {
    await this.servers.prepare({ migrations: [], signal: this.stopping.signal });
    if (this.stopping.signal.aborted) return;
    this.started = true;
    this.coordinator.start();
    this.progresses.start();
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
   * Begins a rebuild. @throws ReplayRefusedError when it could not be right; ReplayActiveError, BuildKeptError,
   * UnknownProjectionError, UnknownVersionError.
   */
  async rebuild(projection: string, version: number | undefined): Promise<ReplayRun> {
    for (;;) {
      const { shape, live, refusals, sameLogic, partitions } = await this.plan(projection, version);
      if (refusals.length > 0) throw new ReplayRefusedError(projection, refusals);
      try {
        return await this.stored.begin(shape, live, { sameLogic, partitions });
      } catch (error) {
        // Somebody swapped in between: what was planned is planned anew.
        if (!(error instanceof LiveBuildChangedError)) throw error;
      }
    }
  }

  /**
   * Shows readers the build of before again; the one that they see now is kept in its place.
   * @throws UnknownProjectionError, NothingKeptError, RollbackDelayedError
   */
  async rollback(projection: string): Promise<{ live: StoredBuild; previous: StoredBuild; swap: Swap }> {
    await this.assertKnown(projection);
    const { database } = this.servers;
    const deadline = performance.now() + ROLLBACK_TRIES_MS;
    const session = await ExclusiveSession.tryOpen(database, `millrace/rollback/${projection}`);
    if (session === undefined)
      throw new RollbackDelayedError(projection, 'another rollback of it is under way');
    try {
      for (let attempts = 1; ; attempts++) {
        const kept = await keptBuild(database, projection);
        const live = await liveBuild(database, projection);
        if (live === undefined) {
          throw new RollbackDelayedError(projection, 'it has no live build at this moment');
        }
        const [from, to] = await Promise.all([shapedBuild(database, live), shapedBuild(database, kept)]);
        const outcome = await swapBuilds(session.client, { from, to, expected: 'previous' });
        if (outcome.kind === 'swapped') {
          const swap = { at: new Date().toISOString(), attempts, pauseMs: outcome.pauseMs };
          return { live: kept, previous: live, swap };
        }
        if (performance.now() > deadline) throw new RollbackDelayedError(projection, explain(outcome));
        await sleep(ROLLBACK_RETRY_MS);
      }
    } finally {
      session.close();
    }
  }

  /** Gives up the way back: the build of before is dropped. @throws UnknownProjectionError, NothingKeptError */
  async release(projection: string): Promise<StoredBuild> {
    await this.assertKnown(projection);
    const [active] = await this.stored.list({ projection, active: true });
    if (active !== undefined) throw new ReplayActiveError(projection, active.id, active.state);
    return releaseKeptBuild(this.servers.database, projection);
  }

  private async assertKnown(projection: string): Promise<void> {
    this.assertStarted();
    const known = (await readHostedVersions(this.servers.database)).map(({ shape }) => shape.name);
    if (!known.includes(projection)) throw new UnknownProjectionError(projection, [...new Set(known)]);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    if (this.started) await Promise.all([this.coordinator.stop(), this.progresses.stop()]);
    await this.servers.close();
  }
}

function explain(outcome: Exclude<SwapOutcome, { kind: 'swapped' }>): string {
  switch (outcome.kind) {
    case 'behind':
      return (
        `the build of before is behind in ${outcome.partitions.join(', ')}. A projection service has to host its ` +
        'version for as long as it is kept'
      );
    case 'busy':
      return 'a long transaction reads or writes the read model';
    case 'blocked':
      return `the build of before has other columns, and ${outcome.reason}; drop that first`;
    case 'obsolete':
      return 'its builds have just changed';
  }
}
