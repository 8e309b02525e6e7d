import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choosePorts, freePort, isPortFree } from './ports';

const NAMES = ['kafka', 'registry', 'postgres'] as const;

describe('a port for a server', () => {
  let directory: string;
  let file: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ports-'));
    file = join(directory, 'ports.json');
  });

  afterEach(() => rm(directory, { recursive: true }));

  it('is none that systems give to outgoing connections, which could take it before the server does', async () => {
    const chosen = Object.values(await choosePorts(file, NAMES));
    const ports = [...chosen, await freePort(), await freePort()];
    expect(ports.filter((port) => port < 20_000 || port > 32_767)).toEqual([]);
    expect(await Promise.all(ports.map(isPortFree))).not.toContain(false);
    expect(new Set(chosen).size).toBe(NAMES.length);
  });

  it('is the one that it was before, unless somebody else has it now', async () => {
    const before = await choosePorts(file, NAMES);
    const other = createServer().listen(before.kafka, '127.0.0.1');
    await once(other, 'listening');
    const now = await choosePorts(file, NAMES);
    other.close();
    expect({ ...now, kafka: before.kafka }).toEqual(before);
    expect(now.kafka).not.toBe(before.kafka);
    expect(await freePort(before.registry)).toBe(before.registry);
  });
});
