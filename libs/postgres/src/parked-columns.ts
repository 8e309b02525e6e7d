import type { Logger } from '@millrace/contracts';
import { readerOf } from '@millrace/projecting';
import type { ProjectionBuild } from '@millrace/projecting';
import type { Pool } from 'pg';
import { inTransaction } from './in-transaction';
import { PARKED_AT, viewName, viewSelectSql } from './read-model-sql';
import type { ShapedBuild } from './replay/compare-builds';
import { isLockNotAvailable } from './replay/hold-live';

/** After a failure, and while a reader's long transaction is in the way. */
const RETRY_MS = 5_000;

/**
 * Adds the column that says what is parked to views of entities that an earlier version of the platform made. It happens beside
 * all else: whoever reads a view for long delays it, and the start of no service.
 */
export class ParkedColumns {
  /** Builds whose view has it. */
  private readonly shown = new Set<string>();
  private retryAt = 0;
  private working: Promise<void> | undefined;

  constructor(
    private readonly pool: Pool,
    private readonly log: Logger,
  ) {}

  /** To be asked again and again of the live build. */
  keep(live: ShapedBuild): void {
    const reader = readerOf(live.build);
    if (live.shape.kind === 'aggregate' || this.shown.has(reader)) return;
    if (this.working !== undefined || performance.now() < this.retryAt) return;
    this.working = showParked(this.pool, live)
      .then(
        (isShown) => {
          if (isShown) this.shown.add(reader);
          else this.retryAt = performance.now() + RETRY_MS;
        },
        (error: unknown) => {
          this.retryAt = performance.now() + RETRY_MS;
          this.log.warn({ build: reader, error: String(error) }, 'a view cannot show yet what is parked');
        },
      )
      .finally(() => (this.working = undefined));
  }

  /** Resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.retryAt = Number.POSITIVE_INFINITY;
    await this.working;
  }
}

/** Whether the view has the column now, or the build is not live any more. Readers of the view do not wait for it. */
export async function showParked(pool: Pool, { build, shape }: ShapedBuild): Promise<boolean> {
  const view = viewName(build.projection);
  try {
    return await inTransaction(pool, async (tx) => {
      if (await hasColumn(tx, view)) return true;
      await tx.query("SET LOCAL lock_timeout = '300ms'");
      // A swap takes the same lock: the view of another build must not be written over.
      await tx.query('SELECT FROM millrace.projection WHERE name = $1 FOR UPDATE', [build.projection]);
      if (await isLive(tx, build))
        await tx.query(`CREATE OR REPLACE VIEW ${view} AS ${viewSelectSql(shape, build)}`);
      return true;
    });
  } catch (error) {
    if (isLockNotAvailable(error)) return false;
    throw error;
  }
}

async function hasColumn(tx: Pick<Pool, 'query'>, view: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    'SELECT FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = $2 AND NOT attisdropped',
    [view, PARKED_AT],
  );
  return rowCount === 1;
}

async function isLive(tx: Pick<Pool, 'query'>, { projection, build }: ProjectionBuild): Promise<boolean> {
  const { rowCount } = await tx.query(
    "SELECT FROM millrace.projection_build WHERE projection = $1 AND build = $2 AND state = 'live'",
    [projection, build],
  );
  return rowCount === 1;
}
