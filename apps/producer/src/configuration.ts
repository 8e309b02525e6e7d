import { defaultExtensionLimits } from '@millrace/event';
import {
  databaseVariables,
  defineConfiguration,
  kafkaVariables,
  registryVariables,
  serverVariables,
} from '@millrace/service';

export const configuration = defineConfiguration({
  ...serverVariables({ port: 3001 }),
  ...kafkaVariables,
  ...registryVariables,
  DATABASE_URL: {
    ...databaseVariables.DATABASE_URL,
    optional: true,
    description:
      'PostgreSQL database, with user and password. Needed when a topic has an idempotency window, and for that topic alone.',
  },
  EVENT_SOURCE: {
    kind: 'text',
    default: '/millrace/producer',
    description: 'CloudEvents source of events that come without one; a URI reference.',
  },
  PUBLISH_TIMEOUT_MS: {
    kind: 'milliseconds',
    minimum: 100,
    default: 10_000,
    description: 'How long a publisher waits for the log to acknowledge an event before it is answered 503.',
  },
  MAX_EVENT_BYTES: {
    kind: 'bytes',
    minimum: 1_000,
    default: 900_000,
    description:
      'Largest body of one event, largest line of a stream and largest event of a batch, inflated; above it the answer is 413. Keep it below max.message.bytes of the topics.',
  },
  MAX_BATCH_EVENTS: {
    kind: 'integer',
    minimum: 1,
    default: 1_000,
    description: 'Most events of one batch; above it the answer is 413. A stream has no such limit.',
  },
  MAX_BATCH_BYTES: {
    kind: 'bytes',
    minimum: 1_000,
    default: 4_000_000,
    description: 'Largest body of one batch, inflated; above it the answer is 413.',
  },
  MAX_HEADERS: {
    kind: 'integer',
    minimum: 10,
    default: 100,
    description: 'Most headers of one request that publishes; above it the answer is 431.',
  },
  MAX_EXTENSIONS: {
    kind: 'integer',
    minimum: 0,
    default: defaultExtensionLimits.count,
    description: 'Most extension attributes of one event; above it the answer is 422.',
  },
  MAX_EXTENSION_BYTES: {
    kind: 'bytes',
    minimum: 0,
    default: defaultExtensionLimits.bytes,
    description:
      'Most bytes of names and values of one event’s extension attributes together; above it the answer is 422.',
  },
  MAX_BODY_MEMORY_BYTES: {
    kind: 'bytes',
    minimum: 1_000_000,
    default: 67_108_864,
    description:
      'Most bytes of bodies that all requests under way may hold together, streams apart; beyond it the answer is 429.',
  },
  MAX_STREAMS: {
    kind: 'integer',
    minimum: 1,
    default: 100,
    description:
      'Most streams that may be open at once; beyond it the answer is 429. Each may hold one line of MAX_EVENT_BYTES.',
  },
  BODY_TIMEOUT_MS: {
    kind: 'milliseconds',
    minimum: 100,
    default: 30_000,
    description:
      'How long a client may take to send the body of one event or one batch; after it the answer is 408.',
  },
  STREAM_STALL_TIMEOUT_MS: {
    kind: 'milliseconds',
    minimum: 100,
    default: 60_000,
    description:
      'How long the client of a stream may send nothing while it is waited for, and how long it may leave answers unread; after it the stream is ended or cut.',
  },
  MAX_PENDING_EVENTS: {
    kind: 'integer',
    minimum: 1,
    default: 20_000,
    description: 'Most events that may wait for the log at once; beyond it the answer is 429.',
  },
  MAX_PENDING_BYTES: {
    kind: 'bytes',
    minimum: 1_000_000,
    default: 67_108_864,
    description: 'Most bytes of events that may wait for the log at once; beyond it the answer is 429.',
  },
  OUTBOX_DATABASE_URL: {
    kind: 'url',
    schemes: ['postgres', 'postgresql'],
    secret: true,
    optional: true,
    description:
      'PostgreSQL database of a service whose outbox this instance relays, with user and password; none by default. Not through a pooler.',
  },
  OUTBOX_POLL_INTERVAL_MS: {
    kind: 'milliseconds',
    minimum: 10,
    maximum: 600_000,
    default: 1_000,
    description: 'How long the relay of the outbox sleeps at most, when no NOTIFY wakes it.',
  },
  OUTBOX_PARTITION_ROWS: {
    kind: 'integer',
    minimum: 10,
    default: 100_000,
    description:
      'Rows of one partition of the outbox; a partition is dropped when all of its events are published.',
  },
});
