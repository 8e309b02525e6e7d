import { connectTo, LoopbackServer } from './test/loopback';
import { ServerProxies } from './server-proxies';

describe('the proxies in front of a stack', () => {
  it('give the same addresses with other ports, and lead to the same servers', async () => {
    const servers = await Promise.all([1, 2, 3].map(() => LoopbackServer.open()));
    const [kafka, registry, postgres] = servers.map(({ port }) => port);
    const proxies = await ServerProxies.open();
    const direct = {
      kafkaBrokers: ['127.0.0.1:9'],
      schemaRegistryUrl: `http://127.0.0.1:${registry}/apis/ccompat/v7`,
      databaseUrl: `postgresql://millrace:secret@127.0.0.1:${postgres}/millrace`,
    };
    const addresses = proxies.pointAt(direct, kafka ?? 0);
    expect(addresses).toEqual({
      kafkaBrokers: [proxies.kafka.tcp.address],
      schemaRegistryUrl: `http://${proxies.registry.address}/apis/ccompat/v7`,
      databaseUrl: `postgresql://millrace:secret@${proxies.postgres.address}/millrace`,
    });
    const clients = [proxies.kafka.tcp, proxies.registry, proxies.postgres].map(({ port }) =>
      connectTo(port),
    );
    for (const [index, server] of servers.entries()) {
      await server.peer();
      expect([index, server.peers.length]).toEqual([index, 1]);
    }
    await proxies.close();
    await Promise.all(clients.map((client) => client.toBeReset()));
    await Promise.all(servers.map((server) => server.close()));
  });
});
