import { IncomingMessage } from 'node:http';
import {
  Body,
  Controller,
  Headers,
  Inject,
  Param,
  Post,
  Res,
  UnsupportedMediaTypeException,
} from '@nestjs/common';
import type { Logger } from '@millrace/contracts';
import { formatPosition } from '@millrace/event';
import type { Settings } from '@millrace/service';
import type { FastifyReply } from 'fastify';
import type { configuration } from './configuration';
import { readEventHeaders } from './envelope';
import { publishStream } from './event-stream';
import { parseJsonBody } from './json-body';
import { WritePath } from './write-path';

export const SETTINGS = Symbol('SETTINGS');
export const LOG = Symbol('LOG');

/** Lines of one stream that may wait for the log at once. */
const MAX_STREAM_IN_FLIGHT = 2_000;
const LINGER_MS = 1_000;

/** The way into the log over HTTP. JSON bodies arrive as bytes, so that long numbers keep their digits. */
@Controller('v1/events')
export class EventsController {
  constructor(
    @Inject(WritePath) private readonly writePath: WritePath,
    @Inject(SETTINGS) private readonly settings: Settings<typeof configuration>,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  /**
   * Publishes one event: the body is its data, the key comes from the field that the catalogue names, and the
   * headers `ce-id`, `ce-source`, `ce-time`, `ce-subject` and `traceparent` are its attributes, each optional.
   * 201 with its place in the log once all in-sync replicas have it.
   */
  @Post(':type')
  async publish(
    @Param('type') type: string,
    @Body() body: unknown,
    @Headers() headers: Readonly<Record<string, string | undefined>>,
  ): Promise<unknown> {
    if (!Buffer.isBuffer(body)) {
      throw new UnsupportedMediaTypeException('Expected the data of one event as application/json.');
    }
    const known = this.writePath.eventType(type);
    const attributes = readEventHeaders(known.type, headers, this.settings.EVENT_SOURCE);
    const position = await this.writePath.publish({ attributes, data: parseJsonBody(body) });
    return {
      id: attributes.id,
      source: attributes.source,
      type: attributes.type,
      topic: position.topic,
      partition: position.partition,
      offset: position.offset.toString(),
      position: formatPosition(position),
    };
  }

  /** Publishes a stream of events as application/x-ndjson, of any length; see `publishStream` for the answer. */
  @Post()
  stream(@Body() body: unknown, @Res() reply: FastifyReply): void {
    if (!(body instanceof IncomingMessage)) {
      throw new UnsupportedMediaTypeException(
        'Expected a stream of events as application/x-ndjson, one a line.',
      );
    }
    const answers = publishStream(body, {
      writePath: this.writePath,
      defaultSource: this.settings.EVENT_SOURCE,
      maxLineBytes: this.settings.MAX_EVENT_BYTES,
      maxInFlight: MAX_STREAM_IN_FLIGHT,
      log: this.log,
    });
    reply.raw.once('finish', () => endUnread(body));
    void reply.type('application/x-ndjson').send(answers);
  }
}

/**
 * After the last answer: a client that is still sending would wait for ever for its body to be read. Its bytes are
 * passed over while it learns of the end, because a connection that is cut at once can take the answers with it.
 */
function endUnread(body: IncomingMessage): void {
  if (body.complete) return;
  body.resume();
  body.socket.end();
  setTimeout(() => body.socket.destroy(), LINGER_MS).unref();
}
