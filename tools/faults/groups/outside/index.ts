import type { HostedGroup } from '@millrace/delivery';
import { outside } from './group';
import { OutsideController } from './outside.controller';

/** What the consumer service loads. The poison that its handler looks for is a table of the ledger's group. */
export const hosted: HostedGroup = {
  group: outside,
  controllers: [OutsideController],
  migrations: { directory: new URL('./migrations/', import.meta.url), schema: 'outside' },
};
