import { isAt } from './container-engine';

describe('the container engine that was found', () => {
  it.each([
    ['unix:///run/user/1000/docker.sock', { socketPath: '/run/user/1000/docker.sock' }, true],
    ['unix:///run/user/1000/docker.sock', { socketPath: '/var/run/docker.sock' }, false],
    ['tcp://127.0.0.1:2375', { host: '127.0.0.1', port: '2375' }, true],
    ['tcp://127.0.0.1:2375', { host: '127.0.0.1', port: 2375 }, true],
    ['tcp://127.0.0.1:2375', { host: '127.0.0.1', port: '2376' }, false],
    ['tcp://127.0.0.1:2375', { socketPath: '/var/run/docker.sock' }, false],
  ])('is held against DOCKER_HOST=%s: %j is it: %s', (dockerHost, address, same) => {
    expect(isAt(dockerHost, address)).toBe(same);
  });
});
