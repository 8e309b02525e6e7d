import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { StoredBuild } from '@millrace/postgres';
import type { ReaderStatus } from '@millrace/reading';
import type { Settings } from '@millrace/service';
import type { configuration } from './configuration';
import type { FromFoldThread, FoldThreadData, ToFoldThread } from './fold-thread-messages';
import { notStarted } from './folding';
import type { Folding } from './folding';
import type { PartitionCounts } from './metrics/build-meter';

/**
 * Records live for one commit, several of which are under way at once; a young generation that holds them all spares the
 * collector from copying them.
 */
const YOUNG_GENERATION_MB = 96;

/**
 * Folds builds in threads of their own. Each is one more member of every build's consumer group, as another process would be,
 * so Kafka spreads the partitions over them. An error that nobody handles in one of them is one of this process.
 */
export class FoldThreads implements Folding {
  private readonly threads: readonly FoldThread[];

  constructor(count: number, settings: Settings<typeof configuration>) {
    this.threads = Array.from({ length: count }, () => new FoldThread(settings));
  }

  follow(builds: readonly StoredBuild[]): Promise<void> {
    for (const thread of this.threads) thread.tell({ follow: builds });
    return Promise.resolve();
  }

  /** Of the partitions that the threads hold together; not joined, as long as one of them is not. */
  statusOf(reader: string): ReaderStatus {
    const statuses = this.threads.map((thread) => thread.statuses.get(reader) ?? notStarted);
    const { state, reason } = statuses.find((status) => status.state !== 'joined') ?? { state: 'joined' };
    const partitions = statuses.flatMap((status) => status.partitions);
    return { state, partitions, ...(reason === undefined ? {} : { reason }) };
  }

  countsOf(reader: string): readonly PartitionCounts[] {
    return this.threads.flatMap((thread) => thread.counts.get(reader) ?? []);
  }

  async stop(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.stop()));
  }
}

/** One of them, seen from the main thread. */
class FoldThread {
  /** Both by the name of the reader, as it said last. */
  statuses: ReadonlyMap<string, ReaderStatus> = new Map();
  counts: ReadonlyMap<string, readonly PartitionCounts[]> = new Map();
  private readonly worker: Worker;
  private isStopping = false;

  constructor(settings: Settings<typeof configuration>) {
    const workerData: FoldThreadData = { settings };
    this.worker = new Worker(new URL('fold-thread.js', import.meta.url), {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    this.worker.on('message', ({ statuses, counts }: FromFoldThread) => {
      this.statuses = statuses;
      this.counts = counts;
    });
    this.worker.on('error', (error) => {
      throw error;
    });
    this.worker.on('exit', (code) => {
      if (!this.isStopping) throw new Error(`a thread that folds has ended by itself, with code ${code}`);
    });
  }

  tell(message: ToFoldThread): void {
    if (!this.isStopping) this.worker.postMessage(message);
  }

  async stop(): Promise<void> {
    const exited = once(this.worker, 'exit');
    this.tell({ stop: true });
    this.isStopping = true;
    await exited;
  }
}
