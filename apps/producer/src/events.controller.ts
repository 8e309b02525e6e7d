import { Readable } from 'node:stream';
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
import { formatPosition } from '@millrace/event';
import { parseJsonLossless } from '@millrace/schema-registry';
import type { Settings } from '@millrace/service';
import type { FastifyReply } from 'fastify';
import type { configuration } from './configuration';
import { readAttributes } from './envelope';
import { publishStream } from './event-stream';
import { WritePath } from './write-path';

export const SETTINGS = Symbol('SETTINGS');

/** Lines of one stream that may wait for the log at once. */
const MAX_STREAM_IN_FLIGHT = 2_000;

/** The way into the log over HTTP. JSON bodies arrive as text, so that long numbers keep their digits. */
@Controller('v1/events')
export class EventsController {
  constructor(
    @Inject(WritePath) private readonly writePath: WritePath,
    @Inject(SETTINGS) private readonly settings: Settings<typeof configuration>,
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
    if (typeof body !== 'string') {
      throw new UnsupportedMediaTypeException('Expected the data of one event as application/json.');
    }
    const known = this.writePath.eventType(type);
    const attributes = readAttributes(
      known.type,
      {
        id: headers['ce-id'],
        source: headers['ce-source'],
        time: headers['ce-time'],
        subject: headers['ce-subject'],
        traceparent: headers['traceparent'],
      },
      { source: this.settings.EVENT_SOURCE, at: 'header ce-' },
    );
    const position = await this.writePath.publish({ attributes, data: parseJsonLossless(body) });
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
    if (!(body instanceof Readable)) {
      throw new UnsupportedMediaTypeException(
        'Expected a stream of events as application/x-ndjson, one a line.',
      );
    }
    const answers = publishStream(body, {
      writePath: this.writePath,
      defaultSource: this.settings.EVENT_SOURCE,
      maxLineBytes: this.settings.MAX_EVENT_BYTES,
      maxInFlight: MAX_STREAM_IN_FLIGHT,
    });
    void reply.type('application/x-ndjson').send(answers);
  }
}
