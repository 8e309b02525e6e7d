import { StopReachedError } from '@millrace/delivery';
import type { Transaction } from '@millrace/delivery';
import { readerOf } from '@millrace/projecting';
import type { FoldedRows, Projection, ProjectionBuild, State } from '@millrace/projecting';
import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '../in-transaction';
import { PositionStore } from '../position-store';
import { prepareProjection } from '../projection-builds';
import { ProjectionRows } from '../projection-rows';
import type { ShapedBuild } from '../replay/compare-builds';
import type { ReplayRun } from '../replay/replay-run';
import { ReplayRuns } from '../replay/replay-runs';
import { firstBuild } from './trial-projections';

export const TOPIC = 'trial';

/** A live build and one that is being made, with a run that stands at the start of two partitions. */
export interface TrialBuilds {
  readonly live: ShapedBuild;
  readonly rebuilt: ShapedBuild;
  readonly run: ReplayRun;
}

/** Prepares the projection and begins to rebuild it, as the version that is given, or as the same one. */
export async function beginRebuild(
  pool: Pool,
  projection: Projection,
  rebuiltAs = projection,
): Promise<TrialBuilds> {
  await prepareProjection(pool, projection);
  await prepareProjection(pool, rebuiltAs);
  const live = { build: firstBuild(projection), shape: projection };
  const partitions = [0, 1].map((partition) => ({ topic: TOPIC, partition, from: '0', to: '0' }));
  const plan = { sameLogic: rebuiltAs.version === projection.version, partitions };
  const run = await new ReplayRuns(pool).begin(rebuiltAs, { replaces: live.build, plan });
  return { live, rebuilt: { build: run.build, shape: rebuiltAs }, run };
}

/** Writes rows into the table of a build, in this order. */
export async function saveRows(
  pool: Pool,
  build: ProjectionBuild,
  projection: Projection,
  rows: Readonly<Record<string, State>> | FoldedRows,
  partition = 0,
): Promise<void> {
  const folded = rows instanceof Map ? rows : new Map(Object.entries(rows));
  const at = { topic: TOPIC, partition };
  await inTransaction(pool, (tx) => save(tx, new ProjectionRows(projection, build, at), folded));
}

/** As a transaction that has folded these writes them. */
export async function save(tx: PoolClient, rows: ProjectionRows, folded: FoldedRows): Promise<void> {
  rows.begin();
  const found = await rows.rowsOf(tx, keysOf(folded.keys()));
  const states = [...folded.values()];
  for (const [index, row] of found.entries()) row.state = states[index];
  await rows.save(tx);
}

/** The states of these keys, as a transaction that begins finds them. */
export async function loaded(
  tx: Transaction,
  rows: ProjectionRows,
  keys: readonly string[],
): Promise<Map<string, State>> {
  rows.begin();
  const found = await rows.rowsOf(tx, keysOf(keys));
  return new Map(
    found.flatMap(({ state }, index) =>
      state === null || state === undefined ? [] : [[keys[index] ?? '', state] as const],
    ),
  );
}

function keysOf(keys: Iterable<string>): { readonly key: string }[] {
  return Array.from(keys, (key) => ({ key }));
}

export interface TrialProjectorOptions {
  readonly projection: Projection;
  readonly build: ProjectionBuild;
  /** The rows that a record gives. */
  readonly rowsOf: (partition: number, offset: bigint) => FoldedRows;
  /** Runs within each commit. */
  readonly within?: (tx: PoolClient, partition: number, next: bigint) => Promise<void>;
  /** Names the records of another log. */
  readonly log?: string;
}

/** Folds a log that never ends into a build, one record with each commit, under the positions and stops of the build. */
export class TrialProjector {
  private readonly store: PositionStore;
  private working: Promise<unknown> | undefined;
  private isStopping = false;

  constructor(
    pool: Pool,
    private readonly options: TrialProjectorOptions,
  ) {
    this.store = new PositionStore(pool, readerOf(options.build));
  }

  /** Takes both partitions, and folds so many records of each. */
  async fold(records: number): Promise<void> {
    for (const partition of [0, 1]) {
      const position = await this.take(partition);
      for (let done = 0; done < records; done++) await this.foldOne(partition, position);
    }
  }

  /** Takes both partitions, and goes on in each until it is stopped; at a stop it asks again and again. */
  start(): void {
    this.working = Promise.all(
      [0, 1].map(async (partition) => {
        const position = await this.take(partition);
        while (!this.isStopping) {
          await this.foldOne(partition, position).catch((error: unknown) => {
            if (!(error instanceof StopReachedError)) throw error;
          });
        }
      }),
    );
    // It is heard by whoever stops the projector.
    this.working.catch(() => undefined);
  }

  /** @throws whatever a commit has failed with. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.working;
  }

  private async take(partition: number): Promise<{ epoch: bigint; next: bigint }> {
    const at = { topic: TOPIC, partition };
    const previous = (await this.store.read(at))?.epoch;
    const taken = await this.store.take(at, { previous, start: 0n, partitionCount: 2 });
    if (taken === undefined) throw new Error('somebody else has taken the partition');
    return { epoch: taken.epoch, next: taken.nextOffset };
  }

  private async foldOne(partition: number, position: { epoch: bigint; next: bigint }): Promise<void> {
    const { build, projection, rowsOf, within, log = 'log' } = this.options;
    const { epoch, next: from } = position;
    const at = { topic: TOPIC, partition };
    const last = { timestampMs: Number(from), identity: `${log}/${from}` };
    await this.store.commit(at, { epoch, from, to: from + 1n, last }, async (tx) => {
      await save(tx, new ProjectionRows(projection, build, at), rowsOf(partition, from));
      await within?.(tx, partition, from + 1n);
    });
    position.next += 1n;
  }
}

/** Begins a commit that has its position locked until it is let go. */
export async function commitUnderWay(
  projectorOf: (options: Pick<TrialProjectorOptions, 'within'>) => TrialProjector,
): Promise<{ readonly letGo: () => Promise<void> }> {
  const started = Promise.withResolvers<undefined>();
  const held = Promise.withResolvers<undefined>();
  const within = async () => {
    started.resolve(undefined);
    await held.promise;
  };
  const folding = projectorOf({ within }).fold(1);
  await Promise.race([started.promise, folding]);
  const letGo = async () => {
    held.resolve(undefined);
    await folding;
  };
  return { letGo };
}
