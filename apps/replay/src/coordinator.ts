import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@millrace/contracts';
import {
  dropReleasedBuilds,
  ExclusiveSession,
  forgetOldRuns,
  IndexKeeper,
  ReplayRuns,
} from '@millrace/postgres';
import type { Database, ReplayRun } from '@millrace/postgres';
import { step } from './rebuild-step';

const TICK_MS = 250;
/** How often an instance that does not drive looks whether it has to. */
const STANDBY_MS = 1_000;
/** After a proof or a swap that could not be had, the live build is left alone for this time. */
const CALM_MS = 1_500;
const TIDY_EVERY_MS = 5_000;
const LOCK = 'millrace/replay/coordinator';

/**
 * Drives the runs that are under way. Of all instances of the service one does, whichever has the lock; when it dies its
 * connection ends, and another one goes on from what the database says.
 */
export class Coordinator {
  private readonly stopping = new AbortController();
  private readonly runs: ReplayRuns;
  private readonly indexes: IndexKeeper;
  private readonly calmUntil = new Map<number, number>();
  private tidyAt = 0;
  private working: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly log: Logger,
  ) {
    this.runs = new ReplayRuns(database);
    this.indexes = new IndexKeeper(database, log);
  }

  start(): void {
    this.working = this.work();
  }

  /** Finishes the step under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.working;
    await this.indexes.stop();
  }

  private async work(): Promise<void> {
    let session: ExclusiveSession | undefined;
    while (!this.isStopping()) {
      try {
        session ??= await ExclusiveSession.tryOpen(this.database, LOCK);
        if (session !== undefined) await this.tick(session);
      } catch (error) {
        this.report(error, {});
      }
      if (session?.isLost === true) {
        session.close();
        session = undefined;
      }
      const waitMs = session === undefined ? STANDBY_MS : TICK_MS;
      await sleep(waitMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
    session?.close();
  }

  private async tick(session: ExclusiveSession): Promise<void> {
    for (const run of await this.runs.list({ active: true })) {
      // What one run fails at is no reason to leave the others.
      await this.drive(run, session).catch((error: unknown) => this.report(error, { replay: run.id }));
    }
    if (performance.now() < this.tidyAt) return;
    this.tidyAt = performance.now() + TIDY_EVERY_MS;
    await forgetOldRuns(session.client);
    for (const table of await dropReleasedBuilds(session.client)) {
      this.log.info({ table }, 'dropped the table of a released build');
    }
  }

  private async drive(run: ReplayRun, session: ExclusiveSession): Promise<void> {
    if (this.isStopping() || performance.now() < (this.calmUntil.get(run.id) ?? 0)) return;
    const moved = await step(run, {
      database: this.database,
      session: session.client,
      indexes: this.indexes,
    });
    if (moved) {
      const { state } = await this.runs.get(run.id);
      this.log.info({ replay: run.id, from: run.state, to: state }, 'replay went on');
      return;
    }
    if (run.state !== 'building') this.calmUntil.set(run.id, performance.now() + CALM_MS);
  }

  private report(error: unknown, about: object): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (!this.isStopping()) {
      this.log.warn({ ...about, error: reason }, 'a step of a replay failed, trying again');
    }
  }

  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }
}
