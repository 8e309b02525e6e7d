import { catalogue } from '@millrace/contracts';
import type { HostedGroup } from '@millrace/delivery';
import { KafkaUnavailableError } from '@millrace/kafka';
import { DatabaseUnavailableError, PositionChangedError } from '@millrace/postgres';
import {
  AdoptionOutsideLogError,
  loadFolder,
  MovedElsewhereError,
  NothingMovedError,
  Servers,
} from '@millrace/reading';
import { InvalidRequestError, problemRule } from '@millrace/service';
import type { ServiceDefinition } from '@millrace/service';
import { configuration } from './configuration';
import { ConsumerModule } from './consumer.module';
import { GroupNotFoundError } from './errors';
import { GroupServer } from './group-server';
import { groupMetrics } from './metrics/scrape-groups';

/** The consumer service: hosts the groups that CONSUMER_GROUPS lists. */
export const consumerService: ServiceDefinition<typeof configuration> = {
  name: 'consumer',
  configuration,
  module: async (settings, log) => {
    const groups = await Promise.all(
      settings.CONSUMER_GROUPS.map((folder) => loadFolder<HostedGroup>(folder, 'hosted')),
    );
    const servers = new Servers({ name: 'consumer', settings, catalogue, log });
    return ConsumerModule.hosting(groups, new GroupServer({ servers, groups, catalogue, log }));
  },
  readiness: (app) => {
    const server = app.get(GroupServer);
    const { servers, groups } = server.options;
    return [
      { name: 'kafka', check: () => servers.checkKafka() },
      { name: 'postgres', check: () => servers.checkPostgres() },
      ...groups.map(({ group }) => ({
        name: `group ${group.name}`,
        check: async () => server.check(group.name),
      })),
    ];
  },
  metrics: (app) => [groupMetrics(app.get(GroupServer))],
  problems: [
    problemRule(InvalidRequestError, { status: 400 }),
    problemRule(GroupNotFoundError, { status: 404, members: ({ known }) => ({ known }) }),
    problemRule(NothingMovedError, { status: 409 }),
    problemRule(MovedElsewhereError, { status: 409, members: ({ offset }) => ({ offset }) }),
    problemRule(PositionChangedError, { status: 409 }),
    problemRule(AdoptionOutsideLogError, { status: 422, members: ({ log: bounds }) => ({ log: bounds }) }),
    problemRule(KafkaUnavailableError, { status: 503, retryAfterSeconds: () => 5 }),
    problemRule(DatabaseUnavailableError, { status: 503, retryAfterSeconds: () => 5 }),
  ],
  beforeListen: (app) => {
    // With the filters of the application, which hand a handler's own error on. Nest's would replace it by `Internal
    // server error`, and filters that are added to the transport afterwards come too late for its handlers.
    app.connectMicroservice({ strategy: app.get(GroupServer) }, { inheritAppConfig: true });
  },
  afterListen: async (app) => {
    await app.startAllMicroservices();
  },
};
