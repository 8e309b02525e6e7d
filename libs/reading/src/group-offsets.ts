import { setTimeout as sleep } from 'node:timers/promises';
import { explainMovedCopy, foundCopy, isMovedCopy } from '@millrace/delivery';
import type { CopyCheck, CopyCheckOutcome, MovedCopy, PositionCopy } from '@millrace/delivery';
import { formatTopicPartition } from '@millrace/event';
import type { TopicPartition } from '@millrace/event';
import type { LogBounds } from '@millrace/kafka';
import { classifyDatabaseFailure, CopyStore, DatabaseUnavailableError } from '@millrace/postgres';
import { AdoptionOutsideLogError, MovedElsewhereError, NothingMovedError } from './errors';
import type { Servers } from './servers';

/** How often a halted partition looks whether somebody has decided. */
const DECISION_POLL_MS = 1_000;

/** What somebody decides about: one partition, and the offset in Kafka that was seen there. */
export interface DecidedOffset {
  readonly partition: number;
  readonly offset: bigint;
}

/** What Kafka has and the log holds, where somebody has moved the committed offset. */
export interface OffsetMove extends MovedCopy {
  readonly log: LogBounds;
}

/**
 * A group's committed offsets in Kafka, which are a copy of its positions: whether somebody moved them, and what becomes
 * of that. It only reads them; the owner of a partition writes them. Any process may ask and decide, owner or not.
 */
export class GroupOffsets implements CopyCheck {
  private readonly store: CopyStore;

  constructor(
    private readonly servers: Pick<Servers, 'cluster' | 'database'>,
    private readonly group: { readonly groupId: string; readonly reader: string },
  ) {
    this.store = new CopyStore(servers.database, group.reader);
  }

  async check(at: TopicPartition, signal: AbortSignal): Promise<CopyCheckOutcome> {
    const { copy, move } = await this.judge(at);
    if (move === undefined) {
      const found = copy === undefined ? undefined : foundCopy(copy);
      return { kind: 'ours', ...(found === undefined ? {} : { found }) };
    }
    const reason = explainMovedCopy(move, this.group.groupId);
    return { kind: 'moved', reason, over: this.decided(move, signal) };
  }

  noteCopy(at: TopicPartition, copy: { readonly epoch: bigint; readonly offset: bigint }): Promise<void> {
    return this.store.noteCopy(at, copy);
  }

  /**
   * Where somebody has moved the offset of a topic, and it has not been decided. In the order of the partitions.
   * @throws KafkaUnavailableError, DatabaseUnavailableError, TopicNotFoundError
   */
  async moved(topic: string): Promise<OffsetMove[]> {
    // The notes come first: once an owner has noted that its copy was acknowledged, Kafka has that copy or a later one.
    const notes = await this.ask(() => this.store.readNotes(topic));
    const copies = await this.servers.cluster.copies(this.group.groupId, topic);
    const bounds = await this.servers.cluster.logBounds(topic);
    return copies.flatMap((copy, partition) => {
      const own = notes.get(partition);
      if (own === undefined || !isMovedCopy(copy, own)) return [];
      return [{ topic, partition, offset: copy.offset, notes: own, log: bounds[partition] ?? NO_LOG }];
    });
  }

  /**
   * Goes on from what Kafka has: records behind the position are handled again, records before it are left out. All the
   * named partitions or none.
   * @throws NothingMovedError, MovedElsewhereError, AdoptionOutsideLogError, PositionChangedError
   */
  async adopt(topic: string, decided: readonly DecidedOffset[]): Promise<OffsetMove[]> {
    const moves = await this.decidedMoves(topic, decided);
    for (const move of moves) {
      const { offset, log } = move;
      if (offset < log.start || offset > log.end)
        throw new AdoptionOutsideLogError(this.group.groupId, move, log);
    }
    await this.ask(() => this.store.adopt(moves));
    return moves;
  }

  /**
   * Goes on from the position, and the owner writes it to Kafka again. Without `decided` wherever the topic was moved.
   * @throws NothingMovedError, MovedElsewhereError, PositionChangedError
   */
  async reject(topic: string, decided?: readonly DecidedOffset[]): Promise<OffsetMove[]> {
    const moves = await this.decidedMoves(topic, decided);
    await this.ask(() => this.store.reject(moves));
    return moves;
  }

  private async decidedMoves(topic: string, decided?: readonly DecidedOffset[]): Promise<OffsetMove[]> {
    const moves = await this.moved(topic);
    if (moves.length === 0) throw new NothingMovedError(this.group.groupId, topic);
    return (
      decided?.map(({ partition, offset }) => {
        const move = moves.find((each) => each.partition === partition);
        const { groupId } = this.group;
        if (move === undefined)
          throw new NothingMovedError(groupId, formatTopicPartition({ topic, partition }));
        if (move.offset !== offset) throw new MovedElsewhereError(groupId, move, offset);
        return move;
      }) ?? moves
    );
  }

  /**
   * Resolves once the move has been decided, or is another one; never rejects. It asks Kafka as well: a copy that this
   * member wrote, and that kafkajs sends again after it has joined anew, may take the place of what was found.
   */
  private async decided(move: MovedCopy, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(DECISION_POLL_MS, undefined, { signal }).catch(() => undefined);
      const now = await this.judge(move).catch(() => ({ move }));
      const isSame = now.move?.offset === move.offset && now.move.notes.nextOffset === move.notes.nextOffset;
      if (!isSame) return;
    }
  }

  private async judge(at: TopicPartition): Promise<{ copy?: PositionCopy; move?: MovedCopy }> {
    const { topic, partition } = at;
    const notes = (await this.store.readNotes(topic, partition)).get(partition);
    const copy = (await this.servers.cluster.copies(this.group.groupId, topic))[partition];
    if (copy === undefined) return {};
    if (notes === undefined || !isMovedCopy(copy, notes)) return { copy };
    return { copy, move: { topic, partition, offset: copy.offset, notes } };
  }

  private async ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    try {
      return await question();
    } catch (error) {
      if (classifyDatabaseFailure(error) !== 'unavailable') throw error;
      throw new DatabaseUnavailableError(`the positions of ${this.group.reader}`, error);
    }
  }
}

const NO_LOG: LogBounds = { start: 0n, end: 0n };
