import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** Something that takes calls and never answers them, for as long as `use` runs. */
export async function withSilentBroker(use: (port: number) => Promise<void>): Promise<void> {
  const calls: Socket[] = [];
  const silent = createServer((call) => calls.push(call)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  try {
    await use((silent.address() as AddressInfo).port);
  } finally {
    silent.close();
    for (const call of calls) call.destroy();
  }
}
