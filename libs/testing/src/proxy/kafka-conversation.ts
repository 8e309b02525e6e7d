import type { ConnectionControl, Interceptor, Part } from './interceptor';
import type { KafkaAims } from './kafka-aims';
import { countFor } from './kafka-counts';
import type { KafkaCounts } from './kafka-counts';
import { KafkaFrames } from './kafka-frames';
import { readCorrelationId, readKafkaRequest } from './kafka-request';
import type { KafkaRequest } from './kafka-request';
import type { Direction } from './tcp-faults';
import { UnreadableFrameError } from './unreadable-frame-error';

const NOTHING = Buffer.alloc(0);

/**
 * Reads along on one connection to a broker, which answers a connection's requests in their order. A frame is passed on
 * when it is complete; all of its bytes are those that came. Bytes that are no frames reset the connection.
 */
export class KafkaConversation implements Interceptor {
  private readonly frames = { toServer: new KafkaFrames(), toClient: new KafkaFrames() };
  /** Requests whose answers have not come yet, the oldest first. */
  private unanswered: KafkaRequest[] = [];
  /** An aim ended this connection for one direction or both: what follows is not looked at. */
  private readonly ended = new Set<Direction>();

  constructor(
    private readonly connection: ConnectionControl,
    private readonly aims: KafkaAims,
    private readonly counts: KafkaCounts,
  ) {}

  take(direction: Direction, bytes: Buffer): Part[] {
    if (this.ended.has(direction)) return [];
    try {
      const parts: Part[] = [];
      for (const frame of this.frames[direction].take(bytes)) {
        if (this.ended.has(direction)) break;
        parts.push(direction === 'toServer' ? this.request(frame) : this.response(frame));
      }
      return parts;
    } catch (error) {
      if (!(error instanceof UnreadableFrameError)) throw error;
      this.counts.unreadableConnections += 1;
      this.ended.add('toServer').add('toClient');
      return [{ bytes: NOTHING, after: () => this.connection.reset() }];
    }
  }

  end(direction: Direction): Part[] {
    if (this.ended.has(direction)) return [];
    this.ended.add(direction);
    return [{ bytes: this.frames[direction].takeRest() }];
  }

  private request(frame: Buffer): Part {
    const request = readKafkaRequest(frame);
    countFor(this.counts.requests, request.api);
    if (request.answered) this.unanswered.push(request);
    const hit = this.aims.forRequest(request);
    if (hit === undefined) return { bytes: frame };
    const { fault } = hit;
    if (fault.kind === 'delay') {
      const after = this.happening(hit, this.counts.requestsDelayed, request);
      return { bytes: frame, delayMs: fault.ms, after };
    }
    this.ended.add('toServer');
    if (fault.when === 'before-forward') {
      const happened = this.happening(hit, this.counts.resetsBeforeForward, request);
      return { bytes: NOTHING, after: () => (happened(), this.connection.reset()) };
    }
    const happened = this.happening(hit, this.counts.resetsAfterForward, request);
    return { bytes: frame, after: () => (happened(), this.connection.resetClient()) };
  }

  private response(frame: Buffer): Part {
    const request = this.takeRequestOf(readCorrelationId(frame));
    if (request === undefined) {
      this.counts.unmatchedResponses += 1;
      return { bytes: frame };
    }
    countFor(this.counts.responses, request.api);
    const hit = this.aims.forResponse(request);
    if (hit === undefined) return { bytes: frame };
    const { fault } = hit;
    if (fault.kind === 'delay') {
      const after = this.happening(hit, this.counts.responsesDelayed, request);
      return { bytes: frame, delayMs: fault.ms, after };
    }
    const happened = this.happening(hit, this.counts.responsesDropped, request);
    this.ended.add('toClient');
    const { andThen } = fault;
    return {
      bytes: NOTHING,
      after: () => (happened(), andThen === 'reset' ? this.connection.reset() : this.connection.hang()),
    };
  }

  private takeRequestOf(correlationId: number): KafkaRequest | undefined {
    const index = this.unanswered.findIndex((request) => request.correlationId === correlationId);
    return index === -1 ? undefined : this.unanswered.splice(index, 1)[0];
  }

  private happening(
    hit: { happened(): void },
    counts: Record<string, number>,
    { api }: KafkaRequest,
  ): () => void {
    return () => {
      hit.happened();
      countFor(counts, api);
    };
  }
}
