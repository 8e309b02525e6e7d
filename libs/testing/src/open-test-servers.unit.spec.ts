import { openTestServers, TestStackError, TestStackProxiesError } from './open-test-servers';

describe('TEST_STACK', () => {
  it('is refused when it names no kind of stack, with those that there are', async () => {
    const opened = openTestServers('/none', { TEST_STACK: 'docker' });
    await expect(opened).rejects.toThrow(TestStackError);
    await expect(opened).rejects.toThrow('expected embedded or containers, got "docker"');
  });

  it('is refused as containers where a proxy is to stand in front of the broker', async () => {
    const opened = openTestServers('/none', { TEST_STACK: 'containers' }, { advertisedKafkaPort: 9 });
    await expect(opened).rejects.toThrow(TestStackProxiesError);
  });
});
