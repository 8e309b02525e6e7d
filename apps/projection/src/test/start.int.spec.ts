import { defineEntity } from '@millrace/projecting';
import { Servers } from '@millrace/reading';
import { parseConfiguration } from '@millrace/service';
import {
  createTestDatabase,
  silentLogger,
  TcpProxy,
  TrialTopic,
  variablesUnderTest,
  waitFor,
} from '@millrace/testing';
import { configuration } from '../configuration';
import { HostedProjection } from '../hosted-projection';
import { ProjectionHost } from '../projection-host';

describe('the start of a projection service', () => {
  it('waits and tries again when its connection is cut while it makes its tables', async () => {
    const [topic, database] = await Promise.all([
      TrialTopic.create({ Paid: [{ name: 'account', type: 'string' }] }),
      createTestDatabase(),
    ]);
    const url = new URL(database.url);
    let cuts = 0;
    const proxy = await TcpProxy.open({
      target: { host: url.hostname, port: Number(url.port) },
      intercept: (connection) => ({
        take: (_direction, bytes) => {
          if (cuts > 0 || !bytes.includes('INSERT INTO millrace.projection_version')) return [{ bytes }];
          cuts += 1;
          connection.reset();
          return [];
        },
        end: () => [],
      }),
    });
    url.host = proxy.address;
    const settings = parseConfiguration(configuration, {
      ...variablesUnderTest(url.href),
      PROJECTIONS: 'none',
    });
    const { catalogue } = topic;
    const projection = defineEntity({
      name: `last${topic.name.replace(/[^a-z0-9]/g, '')}`,
      version: 1,
      key: 'account',
      columns: { payments: 'integer' },
      folds: (fold) => [fold(topic.event('Paid'), ({ payments }) => ({ payments: (payments ?? 0) + 1 }))],
    });
    const servers = new Servers({ name: 'projection', settings, catalogue, log: silentLogger });
    const hosted = new HostedProjection([projection], servers.database, catalogue);
    const host = new ProjectionHost({ servers, projections: [hosted], log: silentLogger });
    try {
      await host.start();
      expect(cuts).toBe(1);
      // A member that is stopped while it connects goes on connecting for a moment.
      await waitFor('the reader to have joined', () => hosted.check());
      expect(host.find(projection.name)).toBe(hosted);
    } finally {
      await host.onApplicationShutdown();
      await Promise.all([proxy.close(), topic.close()]);
      await database.drop();
    }
  });
});
