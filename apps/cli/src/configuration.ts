import { defineConfiguration, kafkaVariables, registryVariables } from '@millrace/service';
import type { ConfigurationDefinition } from '@millrace/service';

export const replayVariables = {
  REPLAY_URL: {
    kind: 'url',
    schemes: ['http', 'https'],
    default: 'http://127.0.0.1:3004',
    description: 'Base of the replay service’s HTTP interface.',
  },
} as const satisfies ConfigurationDefinition;

export const producerVariables = {
  PRODUCER_URL: {
    kind: 'url',
    schemes: ['http', 'https'],
    default: 'http://127.0.0.1:3001',
    description: 'Base of the producer’s HTTP interface.',
  },
} as const satisfies ConfigurationDefinition;

export const consumerVariables = {
  CONSUMER_URL: {
    kind: 'url',
    schemes: ['http', 'https'],
    default: 'http://127.0.0.1:3002',
    description: 'Base of a consumer’s HTTP interface, one that hosts the groups in question.',
  },
} as const satisfies ConfigurationDefinition;

/** A command reads those of these that it needs. */
export const configuration = defineConfiguration({
  ...kafkaVariables,
  ...registryVariables,
  ...producerVariables,
  ...consumerVariables,
  ...replayVariables,
});
