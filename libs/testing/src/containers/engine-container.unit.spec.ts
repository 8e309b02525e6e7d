import { LoopbackContainer } from './engine-container';

class VisibleContainer extends LoopbackContainer {
  get request() {
    return { ...this.createOpts, HostConfig: this.hostConfig };
  }
}

describe('the container that the engine is asked for', () => {
  const definition = {
    name: 'kafka',
    image: 'apache/kafka:1.2.3',
    environment: { A: '1', B: '2' },
    command: undefined,
    port: { container: 9092, host: 41_001 },
    files: {},
  } as const;

  it('is published on loopback alone, at the port that was chosen', () => {
    const { HostConfig, ExposedPorts } = new VisibleContainer(definition).request;
    expect(HostConfig.PortBindings).toEqual({ '9092/tcp': [{ HostIp: '127.0.0.1', HostPort: '41001' }] });
    expect(ExposedPorts).toEqual({ '9092/tcp': {} });
  });

  it('outlives its own end, so that a killed server can be started again with its data', () => {
    expect(new VisibleContainer(definition).request.HostConfig.AutoRemove).toBe(false);
  });

  it('has the image and the environment of its definition, and its command only where there is one', () => {
    expect(new VisibleContainer(definition).request).toMatchObject({
      Image: 'apache/kafka:1.2.3',
      Env: ['A=1', 'B=2'],
    });
    expect(new VisibleContainer(definition).request.Cmd).toBeUndefined();
    expect(new VisibleContainer({ ...definition, command: ['postgres'] }).request.Cmd).toEqual(['postgres']);
  });
});
