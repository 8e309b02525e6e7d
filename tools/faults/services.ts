/** One of each kind of handler. */
const GROUPS = 'tools/faults/groups/ledger,tools/faults/groups/outside';
const MODELS = 'tools/faults/projections/ledger-last,tools/faults/projections/ledger-sum';

/** How a service is run beside the servers. */
export interface ServiceDefinition {
  readonly app: string;
  readonly env: Readonly<Record<string, string>>;
}

const definitions = {
  producer: { app: 'producer', env: {} },
  'producer-2': { app: 'producer', env: {} },
  consumer: { app: 'consumer', env: { CONSUMER_GROUPS: GROUPS } },
  'consumer-2': { app: 'consumer', env: { CONSUMER_GROUPS: GROUPS } },
  projection: { app: 'projection', env: { PROJECTIONS: MODELS } },
  'projection-2': { app: 'projection', env: { PROJECTIONS: MODELS } },
  replay: { app: 'replay', env: {} },
} satisfies Readonly<Record<string, ServiceDefinition>>;

/** A service of a patient: two of each that publishes or reads, so that one is left when the other is hurt. */
export type ServiceName = keyof typeof definitions;

export const services: Readonly<Record<ServiceName, ServiceDefinition>> = definitions;

export const serviceNames = Object.keys(definitions) as readonly ServiceName[];

/** The sessions of all members: Kafka takes the partitions from one that is silent for longer. */
export const SESSION_MS = 6_000;
