import type { Logger } from '@millrace/contracts';
import { readerOf } from '@millrace/projecting';
import type { Pool } from 'pg';
import { missingIndexSteps } from './declared-indexes';
import type { ShapedBuild } from './replay/compare-builds';
import { ExclusiveSession } from './replay/exclusive-session';

/** After a failure, and while another process is at it. */
const RETRY_MS = 5_000;

/**
 * Makes the indexes of builds the declared ones, beside all else, because one may take minutes: readers and writers of the
 * table go on meanwhile. One that was interrupted is made again. Of several processes one works at a table.
 */
export class IndexKeeper {
  /** Builds whose indexes were found or made as declared, with what was declared. */
  private readonly kept = new Set<string>();
  private readonly retryAt = new Map<string, number>();
  private working: Promise<void> | undefined;
  private cancel: (() => Promise<unknown>) | undefined;
  private isStopping = false;

  constructor(
    private readonly pool: Pool,
    private readonly log: Logger,
  ) {}

  /** Whether a build has the declared indexes; otherwise they are made from now on. To be asked again and again. */
  keep(of: ShapedBuild): boolean {
    const id = `${readerOf(of.build)} ${JSON.stringify(of.shape.indexes)}`;
    if (this.kept.has(id)) return true;
    const isDue = performance.now() >= (this.retryAt.get(id) ?? 0);
    if (isDue && this.working === undefined && !this.isStopping) {
      this.working = this.work(of, id).finally(() => (this.working = undefined));
    }
    return false;
  }

  /** What is under way is given up; whoever comes next makes it again. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.cancel?.().catch(() => undefined);
    await this.working;
  }

  private async work(of: ShapedBuild, id: string): Promise<void> {
    try {
      if (await this.reconcile(of)) this.kept.add(id);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!this.isStopping) {
        this.log.warn(
          { build: readerOf(of.build), error: reason },
          'an index cannot be made yet, trying again',
        );
      }
    }
    this.retryAt.set(id, performance.now() + RETRY_MS);
  }

  /** `false` when another process is at it. */
  private async reconcile({ shape, build }: ShapedBuild): Promise<boolean> {
    if ((await missingIndexSteps(this.pool, shape, build)).length === 0) return true;
    // Tried and not waited for: who waits for a lock has a snapshot, and CONCURRENTLY waits for those who have one.
    const session = await ExclusiveSession.tryOpen(this.pool, `indexes/${readerOf(build)}`);
    if (session === undefined) return false;
    try {
      const { client } = session;
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      // The server would go on with a statement whose client has left.
      this.cancel = () => this.pool.query('SELECT pg_cancel_backend($1)', [rows[0]?.pid]);
      for (const statement of await missingIndexSteps(client, shape, build)) {
        if (this.isStopping) return false;
        await client.query(statement);
        this.log.info({ build: readerOf(build), statement }, 'changed an index');
      }
      return true;
    } finally {
      this.cancel = undefined;
      session.close();
    }
  }
}
