import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Socket } from 'node:net';
import type { Part } from './interceptor';
import type { TcpCounts } from './tcp-counts';
import type { Direction, DirectionFaults } from './tcp-faults';

export interface LaneOptions {
  readonly direction: Direction;
  readonly source: Socket;
  readonly sink: Socket;
  readonly faults: DirectionFaults;
  readonly counts: TcpCounts;
  /** Something was swallowed: this stream can never go on. */
  readonly onLost: () => void;
}

interface Waiting {
  readonly bytes: Buffer;
  readonly after: (() => void) | undefined;
  readonly arrivedAt: number;
  delayMs: number;
  countedAsDelayed: boolean;
  countedAsHeld: boolean;
}

/** Above this the source is not read any more until something has been passed on. */
const QUEUE_BYTES = 256 * 1024;
/** A throttled lane writes so often, each time what its rate allows. */
const PIECES_PER_SECOND = 20;

/**
 * One direction of one connection: passes parts on in the order of their arrival, under the faults as they are at each
 * moment. At most one part above 256 KiB waits; beyond that the sender feels TCP's own backpressure.
 */
export class Lane {
  private readonly queue: Waiting[] = [];
  private queuedBytes = 0;
  private running = false;
  private over = false;
  private muted = false;
  private goOn: (() => void) | undefined;

  constructor(private readonly options: LaneOptions) {
    options.sink.on('drain', () => this.wake());
  }

  get bytesWaiting(): number {
    return this.queuedBytes;
  }

  put({ bytes, delayMs = 0, after }: Part): void {
    if (this.over) return;
    const arrivedAt = performance.now();
    this.queue.push({ bytes, after, arrivedAt, delayMs, countedAsDelayed: false, countedAsHeld: false });
    this.queuedBytes += bytes.length;
    if (this.queuedBytes > QUEUE_BYTES) this.options.source.pause();
    if (!this.running) void this.run();
  }

  /** The faults have changed: whatever waits looks again. */
  wake(): void {
    this.goOn?.();
  }

  /** What was delayed by an aim goes on now. */
  forgetDelays(): void {
    for (const part of this.queue) part.delayMs = 0;
    this.wake();
  }

  /** From now on everything is taken and nothing passed on. */
  mute(): void {
    this.muted = true;
    this.wake();
  }

  close(): void {
    this.over = true;
    this.queue.length = 0;
    this.wake();
  }

  private async run(): Promise<void> {
    this.running = true;
    for (let part = this.queue[0]; part !== undefined && !this.isOver(); part = this.queue[0]) {
      await this.pass(part);
      this.queue.shift();
      this.queuedBytes -= part.bytes.length;
      if (this.queuedBytes <= QUEUE_BYTES) this.options.source.resume();
    }
    this.running = false;
  }

  private async pass(part: Waiting): Promise<void> {
    const { faults, counts, onLost } = this.options;
    let rest = part.bytes;
    do {
      await this.untilDue(part);
      if (this.isOver()) return;
      if (this.muted || faults.silence === 'swallow') {
        counts.bytesSwallowed += rest.length;
        return onLost();
      }
      rest = await this.writePiece(rest);
    } while (rest.length > 0 && !this.isOver());
    if (!this.isOver()) part.after?.();
  }

  /** Faults may change while it waits: each look is at those of the moment. */
  private async untilDue(part: Waiting): Promise<void> {
    const { faults, counts } = this.options;
    while (!this.isOver() && !this.muted && faults.silence !== 'swallow') {
      const dueInMs = part.arrivedAt + faults.latencyMs + part.delayMs - performance.now();
      const held = faults.silence === 'hold';
      if (held && !part.countedAsHeld) {
        part.countedAsHeld = true;
        counts.bytesHeld += part.bytes.length;
      } else if (!held && dueInMs > 0 && !part.countedAsDelayed) {
        part.countedAsDelayed = true;
        counts.bytesDelayed += part.bytes.length;
      }
      if (!held && dueInMs <= 0) return;
      await this.wait(held ? Number.POSITIVE_INFINITY : dueInMs);
    }
  }

  /** Gives what is left to write. */
  private async writePiece(bytes: Buffer): Promise<Buffer> {
    if (bytes.length === 0) return bytes;
    const { direction, faults, counts, sink } = this.options;
    const { bytesPerSecond, pieceBytes } = faults;
    const size = Math.min(
      bytes.length,
      pieceBytes,
      Math.max(1, Math.ceil(bytesPerSecond / PIECES_PER_SECOND)),
    );
    sink.write(bytes.subarray(0, size));
    counts[direction === 'toServer' ? 'bytesToServer' : 'bytesToClient'] += size;
    while (sink.writableNeedDrain && !this.isOver()) await this.wait(Number.POSITIVE_INFINITY);
    if (Number.isFinite(bytesPerSecond)) {
      counts.bytesThrottled += size;
      await this.spend((size / bytesPerSecond) * 1_000);
    } else if (size < bytes.length) {
      counts.piecesSplit += 1;
      // Written in the same turn, they would leave in the same segment.
      await nextTurn();
    }
    return bytes.subarray(size);
  }

  private async spend(ms: number): Promise<void> {
    const until = performance.now() + ms;
    while (!this.isOver() && Number.isFinite(this.options.faults.bytesPerSecond)) {
      const leftMs = until - performance.now();
      if (leftMs <= 0) return;
      await this.wait(leftMs);
    }
  }

  /** Until then, or until something has changed; only one wait at a time. */
  private wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = Number.isFinite(ms) ? setTimeout(() => this.wake(), ms) : undefined;
      this.goOn = () => {
        clearTimeout(timer);
        this.goOn = undefined;
        resolve();
      };
    });
  }

  /** A method, because it may change over any await. */
  private isOver(): boolean {
    return this.over;
  }
}
