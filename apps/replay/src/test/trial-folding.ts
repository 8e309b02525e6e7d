import { setTimeout as sleep } from 'node:timers/promises';
import { parsePosition } from '@millrace/event';
import type { TopicPartition } from '@millrace/event';
import { PositionStore, ProjectionRows } from '@millrace/postgres';
import { isInSample, readerOf } from '@millrace/projecting';
import type { KeySample, ProjectionBuild } from '@millrace/projecting';
import type { TrialReplay } from './trial-replay';

interface Payment extends TopicPartition {
  readonly offset: bigint;
  readonly account: string;
  readonly amount: bigint;
}

const POLL_MS = 20;

/** Folds what a trial has published into its builds as a projection service would, up to their stops. */
export class TrialFolding {
  private readonly log: Payment[] = [];
  private readonly stopping = new AbortController();
  private readonly working: Promise<void>[] = [];

  constructor(private readonly trial: TrialReplay) {}

  /** Publishes payments, `nth` key of either partition in turn, and folds them into a build that follows the log. */
  async pay(amounts: readonly bigint[], into: ProjectionBuild): Promise<string[]> {
    const { topic } = this.trial;
    for (const [index, amount] of amounts.entries()) {
      const account = topic.keyIn(index % 2, Math.floor(index / 2));
      const position = parsePosition(await topic.publish('Paid', account, { amount }));
      this.log.push({ ...position, account, amount });
    }
    await this.foldOnce(into, undefined, new Map());
    return [...new Set(this.log.map(({ account }) => account))];
  }

  /** Goes on until the folding is stopped; of a sample, as its build says. */
  follow(build: ProjectionBuild, sample?: KeySample): void {
    this.working.push(this.followOn(build, sample));
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.working.splice(0));
  }

  private async followOn(build: ProjectionBuild, sample: KeySample | undefined): Promise<void> {
    const epochs = new Map<number, bigint>();
    const { signal } = this.stopping;
    while (!signal.aborted) {
      await this.foldOnce(build, sample, epochs);
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async foldOnce(
    build: ProjectionBuild,
    sample: KeySample | undefined,
    epochs: Map<number, bigint>,
  ): Promise<void> {
    const { projection, database, topic } = this.trial;
    const store = new PositionStore(database.pool, readerOf(build));
    for (const partition of [0, 1]) {
      const at = { topic: topic.name, partition };
      const stored = await store.read(at);
      if (stored === undefined || stored.epoch !== epochs.get(partition)) {
        const taken = await store.take(at, { previous: stored?.epoch, start: 0n, partitionCount: 2 });
        if (taken === undefined) return;
        epochs.set(partition, taken.epoch);
      }
      const position = await store.read(at);
      if (position === undefined) return;
      const { nextOffset: from, epoch, stopAt } = position;
      const due = this.log.filter(
        (each) =>
          each.partition === partition && each.offset >= from && each.offset < (stopAt ?? each.offset + 1n),
      );
      const last = due.at(-1);
      if (last === undefined) continue;
      const folded = due.filter(({ account }) => sample === undefined || isInSample(sample, account));
      // Who has been fenced in between tries again.
      await store
        .commit(at, { epoch, from, to: last.offset + 1n }, async (tx) => {
          const rows = new ProjectionRows(projection, build, at);
          const found = await rows.rowsOf(
            tx,
            folded.map(({ account }) => ({ key: account })),
          );
          for (const [index, row] of found.entries()) row.state = { amount: folded[index]?.amount };
          await rows.save(tx);
        })
        .catch(() => undefined);
    }
  }
}
