import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Logger } from '@millrace/contracts';
import type { Settings } from '@millrace/service';
import type { AttributeRules } from './attributes';
import { asEncodingError, contentEncoding, inflateStream } from './body/content-encoding';
import type { configuration } from './configuration';
import { publishStream } from './event-stream';
import { StreamsFullError } from './request-errors';
import type { WritePath } from './write-path';

/** Lines of one stream that may wait for the log at once. */
const MAX_IN_FLIGHT = 2_000;

/** The streams that are open: how many there may be, and when the client of one is given up. */
export class EventStreams {
  private open = 0;

  constructor(
    private readonly writePath: WritePath,
    private readonly settings: Settings<typeof configuration>,
    private readonly log: Logger,
  ) {}

  /**
   * Begins to publish the lines of a request; see `publishStream` for the answers, which the caller sends as `response`.
   * @throws EncodingNotSupportedError @throws StreamsFullError
   */
  publish(request: IncomingMessage, response: ServerResponse, rules: AttributeRules): Readable {
    const { MAX_STREAMS, MAX_EVENT_BYTES, STREAM_STALL_TIMEOUT_MS: stallMs } = this.settings;
    const encoding = contentEncoding(request);
    if (this.open >= MAX_STREAMS) throw new StreamsFullError(MAX_STREAMS);
    const { socket } = request;
    const readable = inflateStream(request, encoding);
    const answers = publishStream(
      {
        readable,
        stallMs,
        bytesReceived: () => socket.bytesRead,
        explain: (error) => asEncodingError(error, encoding),
      },
      {
        writePath: this.writePath,
        rules,
        maxLineBytes: MAX_EVENT_BYTES,
        maxInFlight: MAX_IN_FLIGHT,
        log: this.log,
      },
    );
    this.open += 1;
    answers.once('close', () => {
      this.open -= 1;
      if (readable !== request) readable.destroy();
    });
    this.cutWhenUnread(response, stallMs);
    return answers;
  }

  /**
   * A client that does not read its answers holds what waits for it, for ever. It is given up when nothing has left for that
   * long although something would; when the log has nothing to say, nothing waits.
   */
  private cutWhenUnread(response: ServerResponse, stallMs: number): void {
    const { socket } = response;
    if (socket === null) return;
    const sent = (): number => socket.bytesWritten - socket.writableLength;
    let seen = sent();
    const timer = setInterval(() => {
      if (socket.writableLength > 0 && sent() === seen) {
        this.log.warn(
          { stallMs, unsentBytes: socket.writableLength },
          'a stream was cut: its answers are not read',
        );
        socket.destroy();
      }
      seen = sent();
    }, stallMs).unref();
    response.once('close', () => clearInterval(timer));
  }
}
