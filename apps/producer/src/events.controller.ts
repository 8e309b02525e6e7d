import type { IncomingMessage } from 'node:http';
import { Controller, Inject, Param, Post, Req, Res, UnsupportedMediaTypeException } from '@nestjs/common';
import type { Logger } from '@millrace/contracts';
import type { Settings } from '@millrace/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AttributeRules } from './attributes';
import { BodyBudget } from './body/body-budget';
import { parseJsonBody } from './body/json-body';
import { withBody } from './body/read-body';
import type { configuration } from './configuration';
import { isJsonMediaType } from './envelope';
import { eventPlace } from './event-answer';
import type { EventPlace } from './event-answer';
import { publishBatch } from './event-batch';
import { readEventHeaders, refusePlatformHeaders } from './event-headers';
import { EventStreams } from './event-streams';
import { readEventText } from './event-text';
import { BodyTimeoutError, TooManyHeadersError } from './request-errors';
import { WritePath } from './write-path';

export const SETTINGS = Symbol('SETTINGS');
export const LOG = Symbol('LOG');

/**
 * The way into the log over HTTP: 201 once all in-sync replicas have it. Bodies come unread, so that each form has its own
 * limits, and JSON is parsed here, so that long numbers keep their digits.
 */
@Controller('v1/events')
export class EventsController {
  private readonly rules: AttributeRules;
  private readonly budget: BodyBudget;
  private readonly streams: EventStreams;

  constructor(
    @Inject(WritePath) private readonly writePath: WritePath,
    @Inject(SETTINGS) private readonly settings: Settings<typeof configuration>,
    @Inject(LOG) private readonly log: Logger,
  ) {
    this.rules = {
      defaultSource: settings.EVENT_SOURCE,
      maxExtensions: settings.MAX_EXTENSIONS,
      maxExtensionBytes: settings.MAX_EXTENSION_BYTES,
    };
    this.budget = new BodyBudget(settings.MAX_BODY_MEMORY_BYTES);
    this.streams = new EventStreams(writePath, settings, log);
  }

  /**
   * Publishes one event in the plain form: the body is its data, the key comes from the field that the catalogue names, and
   * the `ce-` headers and `traceparent` are its attributes, each optional.
   */
  @Post(':type')
  publishPlain(@Param('type') type: string, @Req() { raw }: FastifyRequest): Promise<EventPlace> {
    this.checkHeaderCount(raw);
    const known = this.writePath.eventType(type);
    if (!isJsonMediaType(raw.headers['content-type'] ?? '')) {
      throw new UnsupportedMediaTypeException(
        'Expected the data of one event as application/json. CloudEvents go to /v1/events.',
      );
    }
    return this.publishData(known.type, raw);
  }

  /** Publishes CloudEvents; the media type says in which form they come. */
  @Post()
  publish(@Req() { raw }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): unknown {
    this.checkHeaderCount(raw);
    const contentType = raw.headers['content-type'] ?? '';
    switch (contentType.split(';', 1)[0]?.trim().toLowerCase()) {
      case 'application/cloudevents+json':
        return this.publishStructured(raw);
      case 'application/cloudevents-batch+json':
        return this.publishBatch(raw);
      case 'application/x-ndjson':
        refusePlatformHeaders(raw);
        void reply.type('application/x-ndjson');
        return this.streams.publish(raw, reply.raw, this.rules);
      default:
        return this.publishBinary(raw, contentType);
    }
  }

  private publishBinary(raw: IncomingMessage, contentType: string): Promise<EventPlace> {
    const isBinary = raw.headers['ce-type'] !== undefined || raw.headers['ce-specversion'] !== undefined;
    if (isBinary && isJsonMediaType(contentType)) return this.publishData(undefined, raw);
    throw new UnsupportedMediaTypeException(
      isBinary
        ? 'Expected the data of the event as application/json: it becomes an Avro record, and anything else has no fields.'
        : 'Expected application/cloudevents+json, application/cloudevents-batch+json, application/x-ndjson, or ' +
            'application/json with the headers ce-id, ce-source, ce-type and ce-specversion.',
    );
  }

  private publishData(type: string | undefined, request: IncomingMessage): Promise<EventPlace> {
    const attributes = readEventHeaders(type, request, this.rules);
    return this.withBody(request, this.settings.MAX_EVENT_BYTES, async (body) => {
      const event = { attributes, data: parseJsonBody(body) };
      return eventPlace(attributes, await this.writePath.publish(event));
    });
  }

  private publishStructured(request: IncomingMessage): Promise<EventPlace> {
    refusePlatformHeaders(request);
    const maxBytes = this.settings.MAX_EVENT_BYTES;
    return this.withBody(request, maxBytes, async (body) => {
      const event = readEventText(body, { rules: this.rules, maxBytes });
      return eventPlace(event.attributes, await this.writePath.publish(event));
    });
  }

  private publishBatch(request: IncomingMessage): Promise<unknown> {
    refusePlatformHeaders(request);
    const { MAX_BATCH_BYTES, MAX_BATCH_EVENTS, MAX_EVENT_BYTES } = this.settings;
    return this.withBody(request, MAX_BATCH_BYTES, (body) =>
      publishBatch(body, {
        writePath: this.writePath,
        rules: this.rules,
        maxEvents: MAX_BATCH_EVENTS,
        maxEventBytes: MAX_EVENT_BYTES,
        log: this.log,
      }),
    );
  }

  private async withBody<T>(
    request: IncomingMessage,
    maxBytes: number,
    use: (body: Buffer) => Promise<T>,
  ): Promise<T> {
    try {
      return await withBody(
        request,
        { maxBytes, timeoutMs: this.settings.BODY_TIMEOUT_MS, budget: this.budget },
        use,
      );
    } catch (error) {
      if (error instanceof BodyTimeoutError)
        this.log.warn({ reason: error.message }, 'a request was cut off');
      throw error;
    }
  }

  private checkHeaderCount({ rawHeaders }: IncomingMessage): void {
    const { MAX_HEADERS } = this.settings;
    if (rawHeaders.length > 2 * MAX_HEADERS) throw new TooManyHeadersError(MAX_HEADERS);
  }
}
