import { catalogue } from '@millrace/contracts';
import { KafkaUnavailableError, RecordsNotReadError } from '@millrace/kafka';
import {
  BuildKeptError,
  NotParkedError,
  NothingKeptError,
  ReplayActiveError,
  ReplayNotFoundError,
  ReplayStateError,
} from '@millrace/postgres';
import { Servers } from '@millrace/reading';
import { RegistryHistory, RegistryUnreachableError } from '@millrace/schema-registry';
import { InvalidRequestError, problemRule } from '@millrace/service';
import type { ServiceDefinition } from '@millrace/service';
import { configuration } from './configuration';
import {
  NotComparedError,
  NothingHeldError,
  ReplayRefusedError,
  ReplayStartingError,
  RollbackDelayedError,
  UnknownProjectionError,
  UnknownVersionError,
} from './errors';
import { ReplayModule } from './replay.module';
import { Replays } from './replays';

/** The replay service: plans rebuilds, drives them on, and swaps what they made. */
export const replayService: ServiceDefinition<typeof configuration> = {
  name: 'replay',
  configuration,
  module: (settings, log) => {
    const servers = new Servers({ name: 'replay', settings, catalogue, log });
    const history = new RegistryHistory({ url: settings.SCHEMA_REGISTRY_URL });
    return ReplayModule.hosting(new Replays(servers, { schemas: { catalogue, history }, log }));
  },
  readiness: (app) => {
    const replays = app.get(Replays);
    return [
      { name: 'kafka', check: () => replays.servers.checkKafka() },
      { name: 'postgres', check: () => replays.servers.checkPostgres() },
      { name: 'replays', check: async () => replays.assertStarted() },
    ];
  },
  metrics: (app) => [app.get(Replays).metrics],
  problems: [
    problemRule(InvalidRequestError, { status: 400 }),
    problemRule(UnknownProjectionError, { status: 404, members: ({ known }) => ({ known }) }),
    problemRule(ReplayNotFoundError, { status: 404 }),
    problemRule(UnknownVersionError, { status: 422, members: ({ known }) => ({ known }) }),
    problemRule(ReplayRefusedError, { status: 422, members: ({ refusals }) => ({ refusals }) }),
    problemRule(ReplayActiveError, { status: 409, members: ({ replay }) => ({ replay }) }),
    problemRule(ReplayStateError, { status: 409, members: ({ state }) => ({ state }) }),
    problemRule(BuildKeptError, { status: 409 }),
    problemRule(NotParkedError, { status: 409 }),
    problemRule(NothingKeptError, { status: 409 }),
    problemRule(NothingHeldError, { status: 409 }),
    problemRule(NotComparedError, { status: 409, retryAfterSeconds: () => 2 }),
    problemRule(RollbackDelayedError, { status: 503, retryAfterSeconds: () => 2 }),
    problemRule(ReplayStartingError, { status: 503, retryAfterSeconds: () => 2 }),
    problemRule(KafkaUnavailableError, { status: 503, retryAfterSeconds: () => 5 }),
    problemRule(RegistryUnreachableError, { status: 503, retryAfterSeconds: () => 5 }),
    problemRule(RecordsNotReadError, { status: 503, retryAfterSeconds: () => 5 }),
  ],
  afterListen: (app) => {
    // In the background: health answers while the servers are waited for. A lasting error ends the process.
    void app.get(Replays).start();
  },
};
