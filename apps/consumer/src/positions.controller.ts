import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { explainAdoption } from '@millrace/delivery';
import { GroupOffsets } from '@millrace/reading';
import type { DecidedOffset, OffsetMove } from '@millrace/reading';
import { InvalidRequestError, parseRequest } from '@millrace/service';
import { z } from 'zod';
import { GroupServer } from './group-server';

const decided = z
  .array(
    z.strictObject({
      partition: z.int().min(0).max(2_147_483_647),
      // Text, as in every answer: JSON's numbers end where offsets go on.
      offset: z.string().regex(/^\d{1,19}$/, 'an offset, as text'),
    }),
  )
  .min(1)
  .max(10_000)
  .refine((all) => new Set(all.map(({ partition }) => partition)).size === all.length, {
    message: 'a partition is named twice',
  });
const topic = z.string().min(1).max(249);
const adoption = z.strictObject({ topic, partitions: decided });
const rejection = z.strictObject({ topic, partitions: decided.optional() });

const PARTITIONS = '"partitions":[{"partition":<number>,"offset":"<what Kafka has>"}]';

/** What becomes of a committed offset in Kafka that somebody has moved. */
@Controller('v1/groups/:group/positions')
export class PositionsController {
  constructor(@Inject(GroupServer) private readonly server: GroupServer) {}

  /** What waits for a decision, and what adopting would mean. */
  @Get('moved')
  async moved(@Param('group') group: string): Promise<unknown> {
    const { topics, offsets } = this.find(group);
    const moves = await Promise.all(topics.map((each) => offsets.moved(each)));
    return { group, moved: moves.flat().map(present) };
  }

  /**
   * Goes on from what Kafka has. The request names each offset, so that a move of somebody else's in between is not
   * adopted; all of them or none.
   */
  @Post('adopt')
  @HttpCode(200)
  async adopt(@Param('group') group: string, @Body() body: unknown): Promise<unknown> {
    const { topics, offsets } = this.find(group);
    const request = parseRequest(adoption, body, `{"topic":"<topic>",${PARTITIONS}}`);
    checkTopic(topics, request.topic);
    const moves = await offsets.adopt(request.topic, request.partitions.map(decidedOffset));
    this.log('adopted', group, moves);
    return {
      group,
      topic: request.topic,
      partitions: moves.map((move) => ({
        partition: move.partition,
        outcome: 'adopted',
        from: String(move.notes.nextOffset),
        nextOffset: String(move.offset),
        ...effectOf(move),
      })),
    };
  }

  /** Goes on from the position, and puts it back in Kafka. Without `partitions` wherever the topic was moved. */
  @Post('reject')
  @HttpCode(200)
  async reject(@Param('group') group: string, @Body() body: unknown): Promise<unknown> {
    const { topics, offsets } = this.find(group);
    const request = parseRequest(rejection, body, `{"topic":"<topic>",${PARTITIONS} (optional)}`);
    checkTopic(topics, request.topic);
    const moves = await offsets.reject(request.topic, request.partitions?.map(decidedOffset));
    this.log('rejected', group, moves);
    return {
      group,
      topic: request.topic,
      partitions: moves.map((move) => ({
        partition: move.partition,
        outcome: 'rejected',
        rejected: String(move.offset),
        nextOffset: String(move.notes.nextOffset),
      })),
    };
  }

  private find(name: string): { readonly topics: readonly string[]; readonly offsets: GroupOffsets } {
    const { group, reader } = this.server.find(name);
    const offsets = new GroupOffsets(this.server.options.servers, { groupId: name, reader });
    return { topics: group.topics, offsets };
  }

  /** For whoever asks later why the group stood elsewhere. */
  private log(what: 'adopted' | 'rejected', group: string, moves: readonly OffsetMove[]): void {
    for (const { topic: of, partition, offset, notes } of moves) {
      const place = { topic: of, partition, offset: String(offset), position: String(notes.nextOffset) };
      this.server.options.log.warn({ group, ...place }, `a moved offset was ${what}`);
    }
  }
}

function checkTopic(topics: readonly string[], named: string): void {
  if (!topics.includes(named)) throw new InvalidRequestError(`a topic of the group: ${topics.join(', ')}`);
}

function decidedOffset({ partition, offset }: { partition: number; offset: string }): DecidedOffset {
  return { partition, offset: BigInt(offset) };
}

function present(move: OffsetMove): object {
  const { notes, log } = move;
  return {
    topic: move.topic,
    partition: move.partition,
    offset: String(move.offset),
    ...(notes.copyOffset === undefined ? {} : { copiedOffset: String(notes.copyOffset) }),
    nextOffset: String(notes.nextOffset),
    log: { start: String(log.start), end: String(log.end) },
    adoption: effectOf(move),
  };
}

/** Offsets may be missing in between, after transactions and compaction: so many records at most. */
function effectOf({ offset, notes: { nextOffset } }: OffsetMove): object {
  const detail = `Adopting ${offset} ${explainAdoption(nextOffset, offset)}.`;
  const count = offset < nextOffset ? nextOffset - offset : offset - nextOffset;
  return { [offset < nextOffset ? 'repeatsUpTo' : 'skipsUpTo']: String(count), detail };
}
