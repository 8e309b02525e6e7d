import type { LogRecord, TopicPartition } from '@millrace/event';
import { fullJitterMs } from './backoff';
import { FencedError, StopReachedError } from './errors';
import { GroupSize } from './group-size';
import type { HandleOutcome, OpenContext, OpenOutcome, PartitionHandler } from './partition-handler';
import { PartitionPosition } from './partition-position';
import type { PositionedPartitionOptions } from './positioned-partition-options';

/**
 * One partition whose position lives with its effects. Records run in offset order in group commits, as many
 * together as take about half a second: effects and position commit together, so a committed effect happens once, although
 * the code may run again. When a group fails it is rolled back and run record by record; the record that fails holds the
 * partition, with backoff, and is never passed. This is the seam where parking will take such a record out of the way.
 */
export class PositionedPartition<Transaction> implements PartitionHandler {
  private readonly position: PartitionPosition<Transaction>;
  private failures = 0;
  private readonly groupSize = new GroupSize();

  constructor(
    at: TopicPartition,
    private readonly options: PositionedPartitionOptions<Transaction>,
  ) {
    this.position = new PartitionPosition(at, options);
  }

  open(context: OpenContext): Promise<OpenOutcome> {
    return this.position.open(context);
  }

  async handle(records: readonly LogRecord[], signal: AbortSignal): Promise<HandleOutcome> {
    const { position } = this;
    try {
      const problem = await position.inspect(records);
      if (problem !== undefined) return { kind: 'halt', reason: `${position.reader}: ${problem}` };
      const allowed = await position.allowed(records);
      if (allowed.length > 0) {
        await this.options.prepare(allowed);
        await this.commitInGroups(allowed, signal);
      }
      const last = records.at(-1);
      return last === undefined || last.offset < position.taken
        ? { kind: 'done' }
        : position.waitAtStop(signal);
    } catch (error) {
      return error instanceof StopReachedError
        ? position.waitAtStop(signal, error.stopAt)
        : this.outcomeOf(error);
    }
  }

  private async commitInGroups(records: readonly LogRecord[], signal: AbortSignal): Promise<void> {
    for (let from = 0; from < records.length;) {
      const group = records.slice(from, from + this.groupSize.next);
      const startedAt = performance.now();
      try {
        await this.commitGroup(group, signal);
      } finally {
        this.groupSize.took(performance.now() - startedAt, group.length);
      }
      this.failures = 0;
      from += group.length;
    }
  }

  private async commitGroup(records: readonly LogRecord[], signal: AbortSignal): Promise<void> {
    try {
      await this.commit(records, signal);
    } catch (error) {
      const alone = records.length === 1 || error instanceof FencedError || signal.aborted;
      if (alone || error instanceof StopReachedError || this.options.ledger.classify(error) === 'unavailable')
        throw error;
      for (const record of records) {
        await this.commit([record], signal);
        this.failures = 0;
      }
    }
  }

  private async commit(records: readonly LogRecord[], signal: AbortSignal): Promise<void> {
    const final = records.at(-1);
    if (final === undefined) return;
    const wanted = records.filter((record) => !this.position.isRepeat(record));
    await this.position.commit(final, async (tx) => {
      if (wanted.length > 0) await this.options.process(tx, wanted, signal);
    });
  }

  private outcomeOf(error: unknown): HandleOutcome {
    const { ledger, backoff, isTransient } = this.options;
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof FencedError) return { kind: 'fenced', reason };
    const { where, position: nextOffset } = this.position;
    if (ledger.classify(error) === 'other' && !isTransient(error)) {
      return { kind: 'halt', reason: `${where}: ${reason}` };
    }
    this.position.giveBack();
    const delayMs = fullJitterMs(this.failures, backoff);
    this.failures += 1;
    return { kind: 'hold', nextOffset, delayMs, reason: `${where}, try ${this.failures}: ${reason}` };
  }
}
