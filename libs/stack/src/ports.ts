import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { readFile, writeFile } from 'node:fs/promises';

const LOOPBACK = '127.0.0.1';
/**
 * Ports that operating systems do not give to outgoing connections, as far as they are set as delivered: between the choice
 * and the server's own bind, any connection of any process could take one of those.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_767;
const TRIES = 100;

/** True when a server could listen on that port of 127.0.0.1 just now. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = await listen(port);
  await close(server);
  return server !== undefined;
}

/** A free port of 127.0.0.1: the preferred one where it is free, otherwise any. */
export async function freePort(preferred = 0): Promise<number> {
  const server = await listenAt(preferred);
  const address = server?.address();
  await close(server);
  if (typeof address !== 'object' || address === null) throw new Error('no port of 127.0.0.1 is free');
  return address.port;
}

/**
 * Ports of 127.0.0.1 for `names`, all different: those that `file` remembers where they are still free, fresh ones for
 * the rest, and all of them written to `file`. Between this call and the server's own bind somebody else may take one;
 * the server's start then fails and says so.
 */
export async function choosePorts<Name extends string>(
  file: string,
  names: readonly Name[],
): Promise<Record<Name, number>> {
  const remembered = await readPorts(file);
  const held: (Server | undefined)[] = [];
  const ports = {} as Record<Name, number>;
  // Each one is held until the last is chosen, so that no two names get the same.
  for (const name of names) {
    const server = await listenAt(remembered[name] ?? 0);
    held.push(server);
    const address = server?.address();
    if (typeof address === 'object' && address !== null) ports[name] = address.port;
  }
  await Promise.all(held.map(close));
  await writeFile(file, `${JSON.stringify(ports, null, 2)}\n`);
  return ports;
}

async function readPorts(file: string): Promise<Partial<Record<string, number>>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Record<string, number>;
  } catch {
    // Not there yet, or cut short by a crash: the ports are only a convenience.
    return {};
  }
}

/** At the preferred port where it is free, otherwise at one that nobody is likely to take meanwhile, or at any. */
async function listenAt(preferred: number): Promise<Server | undefined> {
  let server = preferred === 0 ? undefined : await listen(preferred);
  for (let left = TRIES; server === undefined && left > 0; left--) {
    server = await listen(randomInt(FIRST_PORT, LAST_PORT + 1));
  }
  return server ?? listen(0);
}

function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: LOOPBACK }, () => resolve(server));
  });
}

async function close(server: Server | undefined): Promise<void> {
  if (server !== undefined) await new Promise((resolve) => server.close(resolve));
}
