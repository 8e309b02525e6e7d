import { defineConfiguration, kafkaVariables, registryVariables, serverVariables } from '@millrace/service';

export const configuration = defineConfiguration({
  ...serverVariables({ port: 3001 }),
  ...kafkaVariables,
  ...registryVariables,
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
      'Largest body of one event, and largest line of a stream; above it the answer is 413. Keep it below max.message.bytes of the topics.',
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
});
