import { UnreadableFrameError } from './unreadable-frame-error';

const LENGTH_BYTES = 4;
/** The broker's own default, socket.request.max.bytes. */
const MAX_FRAME_BYTES = 104_857_600;

/** Cuts a stream of bytes into Kafka's frames, a length of 4 bytes each, however the bytes arrive. */
export class KafkaFrames {
  private chunks: Buffer[] = [];
  private held = 0;
  /** Of the frame that is under way, with its length. */
  private frameBytes: number | undefined;

  /**
   * The frames that are complete now, each with its length in front, in order.
   * @throws UnreadableFrameError at a length that no broker would take.
   */
  take(chunk: Buffer): Buffer[] {
    this.chunks.push(chunk);
    this.held += chunk.length;
    const frames: Buffer[] = [];
    for (;;) {
      this.frameBytes ??= this.readLength();
      if (this.frameBytes === undefined || this.held < this.frameBytes) return frames;
      const all = this.merge();
      frames.push(all.subarray(0, this.frameBytes));
      this.keep(all.subarray(this.frameBytes));
      this.frameBytes = undefined;
    }
  }

  /** Gives the bytes of the frame that is not complete, and forgets them. */
  takeRest(): Buffer {
    const rest = this.merge();
    this.keep(Buffer.alloc(0));
    this.frameBytes = undefined;
    return rest;
  }

  private readLength(): number | undefined {
    if (this.held < LENGTH_BYTES) return undefined;
    const [first] = this.chunks;
    const start = first !== undefined && first.length >= LENGTH_BYTES ? first : this.merge();
    const length = start.readInt32BE(0);
    if (length < 0 || length > MAX_FRAME_BYTES) {
      throw new UnreadableFrameError(`a frame has a length of ${length} bytes`);
    }
    return LENGTH_BYTES + length;
  }

  private merge(): Buffer {
    const [first] = this.chunks;
    const all = this.chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.chunks);
    this.keep(all);
    return all;
  }

  private keep(bytes: Buffer): void {
    this.chunks = bytes.length === 0 ? [] : [bytes];
    this.held = bytes.length;
  }
}
