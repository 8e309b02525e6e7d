import { createServer } from 'node:http';
import { EventCodec, registerSchemas, RegistryClient, registryIdentity } from '../index';
import { catalogueOf, freshEvent, listening, registryUrl } from './registry-fixtures';

const event = freshEvent([{ name: 'x', type: 'int' }]);
const catalogue = catalogueOf(event);
/** Nobody listens on port 1. */
const deadRegistry = new RegistryClient({ url: 'http://127.0.0.1:1/apis/ccompat/v7', timeoutMs: 500 });

describe('a registry that cannot be used', () => {
  it('is an error that says which and what to look at, for every call', async () => {
    const calls = [
      deadRegistry.ping(),
      deadRegistry.findSchema(1),
      deadRegistry.register('s', event.schema, 'NONE'),
      registerSchemas(catalogue, deadRegistry),
      registryIdentity(deadRegistry),
      new EventCodec(catalogue, deadRegistry).prepare(),
    ];
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: {
          code: 'REGISTRY_UNREACHABLE',
          retriable: true,
          message: expect.stringContaining('127.0.0.1:1') as string,
        },
      });
    }
  });

  it('is given up on after the deadline when it does not answer', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    const port = await listening(silent);
    const client = new RegistryClient({ url: `http://user:secret@127.0.0.1:${port}`, timeoutMs: 200 });
    for (const call of [client.ping(), client.register('s', event.schema, 'NONE')]) {
      const error: unknown = await call.catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        code: 'REGISTRY_UNREACHABLE',
        message: expect.stringMatching(/200 ?ms/) as string,
      });
      expect((error as Error).message).not.toContain('secret');
    }
    silent.closeAllConnections();
    silent.close();
  });

  it('is not taken for one without schemas when the address is wrong', async () => {
    const wrong = new RegistryClient({ url: new URL('/nowhere', registryUrl()).href });
    await expect(wrong.findSchema(1)).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
      message: expect.stringContaining('SCHEMA_REGISTRY_URL') as string,
    });
  });
});
