import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Catalogue, EventType, TopicDefinition } from '@millrace/contracts';
import { RegistryClient } from '../index';
import { eventTypeOf } from './all-types';

/** The address of the registry that the stack for the tests runs. Throws without one: such a test must not pass. */
export function registryUrl(): string {
  const url = process.env['SCHEMA_REGISTRY_URL'];
  if (url === undefined)
    throw new Error('SCHEMA_REGISTRY_URL is not set: these tests need a real schema registry');
  return url;
}

export const registry = new RegistryClient({ url: registryUrl() });

/** An event type in a topic that no other test uses. */
export function freshEvent(
  fields: readonly Record<string, unknown>[],
  topic = `specs-${randomUUID()}`,
): EventType<Record<string, unknown>> {
  return { ...eventTypeOf(fields), topic, subject: `${topic}-specs.Thing` };
}

export function catalogueOf(
  event: EventType,
  compatibility: TopicDefinition['compatibility'] = 'FULL_TRANSITIVE',
): Catalogue {
  const topic: TopicDefinition = {
    name: event.topic,
    description: 'for a test',
    owner: 'specs',
    partitions: 1,
    replication: { factor: 1, minInSync: 1 },
    retentionMs: 'unlimited',
    cleanup: 'delete',
    keyField: undefined,
    compatibility,
    events: [event.type],
  };
  return { topics: [topic], events: [event] };
}

/** A way to the real registry that can be cut. */
export async function startProxy(): Promise<{ url: string; stop: () => Promise<void> }> {
  const target = new URL(registryUrl());
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = 'GET', headers } = request;
      const body = chunks.length === 0 ? null : Buffer.concat(chunks);
      const contentType = headers['content-type'] ?? 'application/json';
      void fetch(new URL(request.url ?? '/', target), {
        method,
        body,
        headers: { 'content-type': contentType },
      }).then(async (answer) => response.writeHead(answer.status).end(await answer.text()));
    });
  }).listen(0, '127.0.0.1');
  const port = await listening(server);
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}${target.pathname}`, stop };
}

/** The port of a server that was told to listen. */
export async function listening(server: Server): Promise<number> {
  await new Promise((resolve) => server.once('listening', resolve));
  return (server.address() as AddressInfo).port;
}
