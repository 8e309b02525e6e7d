import { parsePosition } from '@millrace/event';
import type { Position } from '@millrace/event';
import { createKafkaClient, readRecords } from '@millrace/kafka';
import { migrate, platformMigrations, PositionStore, prepareProjection } from '@millrace/postgres';
import { defineEntity, readerOf } from '@millrace/projecting';
import type { Projection } from '@millrace/projecting';
import { Servers } from '@millrace/reading';
import { foundAt } from '@millrace/replaying';
import { RegistryHistory } from '@millrace/schema-registry';
import { createLogger, parseConfiguration, startService } from '@millrace/service';
import type { RunningService } from '@millrace/service';
import {
  createTestDatabase,
  readMetrics,
  serversUnderTest,
  silentLogger,
  TrialTopic,
  variablesUnderTest,
} from '@millrace/testing';
import type { ScrapedSeries, TestDatabase } from '@millrace/testing';
import { configuration } from '../configuration';
import { replayService } from '../replay-service';
import { ReplayModule } from '../replay.module';
import { Replays } from '../replays';

export interface Answer {
  readonly status: number;
  readonly location: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

const FIELDS = [{ name: 'amount', type: 'long' }];

/** A replay service within the test, with a topic, a projection and a database that belong to the test. */
export class TrialReplay {
  private constructor(
    readonly topic: TrialTopic,
    readonly database: TestDatabase,
    readonly projection: Projection,
    private readonly service: RunningService,
  ) {}

  static async create(): Promise<TrialReplay> {
    const [topic, database] = await Promise.all([
      TrialTopic.create({ Paid: FIELDS }, 2),
      createTestDatabase(),
    ]);
    await migrate(database.pool, [platformMigrations], silentLogger);
    const projection = payments(topic, 1);
    await prepareProjection(database.pool, projection);
    const settings = parseConfiguration(configuration, variablesUnderTest(database.url));
    const { catalogue } = topic;
    const log = silentLogger;
    const definition: typeof replayService = {
      ...replayService,
      module: () => {
        const servers = new Servers({ name: 'replay', settings, catalogue, log });
        const history = new RegistryHistory({ url: settings.SCHEMA_REGISTRY_URL });
        return ReplayModule.hosting(new Replays(servers, { schemas: { catalogue, history }, log }));
      },
      afterListen: (app) => app.get(Replays).start(),
    };
    const service = await startService(
      definition,
      settings,
      createLogger({ name: 'replay', level: 'fatal' }),
    );
    return new TrialReplay(topic, database, projection, service);
  }

  /** Publishes an event to each partition and notes the live read model as having folded all of it. */
  async foldLive(): Promise<Position[]> {
    const positions: Position[] = [];
    for (const partition of [0, 1]) {
      const text = await this.topic.publish('Paid', this.topic.keyIn(partition), { amount: 1n });
      positions.push(parsePosition(text));
    }
    await this.standAt(positions);
    return positions;
  }

  /** Notes the live read model as standing behind these records. */
  async standAt(positions: readonly Position[]): Promise<void> {
    const kafka = createKafkaClient({
      brokers: serversUnderTest().brokers,
      clientId: 'specs',
      log: silentLogger,
    });
    const records = await readRecords(kafka, positions, { timeoutMs: 20_000 });
    const { name: projection, version } = this.projection;
    const store = new PositionStore(this.database.pool, readerOf({ projection, version, build: 1 }));
    for (const [index, at] of positions.entries()) {
      const previous = (await store.read(at))?.epoch;
      const taken = await store.take(at, { previous, start: 0n, partitionCount: 2 });
      const found = foundAt(records[index]);
      if (taken === undefined || found === 'nothing') throw new Error('no record there');
      const { epoch, nextOffset: from } = taken;
      await store.commit(at, { epoch, from, to: at.offset + 1n, last: found }, async () => undefined);
    }
  }

  async get(path: string): Promise<Answer> {
    return this.ask(path, {});
  }

  async post(path: string, body?: unknown): Promise<Answer> {
    if (body === undefined) return this.ask(path, { method: 'POST' });
    const headers = { 'content-type': 'application/json' };
    return this.ask(path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  /** What Prometheus would read. */
  async scrape(): Promise<ScrapedSeries[]> {
    return readMetrics(await (await fetch(`${this.service.url}/metrics`)).text());
  }

  /** Asks for a rebuild of the trial's projection. */
  rebuild(more: object = {}): Promise<Answer> {
    return this.post('/v1/replays', { kind: 'rebuild', projection: this.projection.name, ...more });
  }

  async remove(): Promise<void> {
    await this.service.close();
    await this.topic.close();
    await this.database.drop();
  }

  private async ask(path: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(`${this.service.url}${path}`, init);
    return {
      status: response.status,
      location: response.headers.get('location'),
      body: (await response.json()) as Answer['body'],
    };
  }
}

/** The projection of the trial, in any version. */
export function payments(topic: TrialTopic, version: number): Projection {
  const paid = topic.event('Paid');
  return defineEntity({
    name: `payments${topic.name.replace(/[^a-z0-9]/g, '')}`,
    version,
    key: 'account',
    columns: { amount: 'bigint' },
    folds: (fold) => [fold(paid, (row, { amount }) => ({ ...row, amount: amount as bigint }))],
  });
}
