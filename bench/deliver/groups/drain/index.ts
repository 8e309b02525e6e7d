import type { HostedGroup } from '@millrace/delivery';
import { DrainController } from './drain.controller';
import { drain } from './group';

/** What the consumer service loads. */
export const hosted: HostedGroup = {
  group: drain,
  controllers: [DrainController],
  migrations: { directory: new URL('./migrations/', import.meta.url), schema: 'bench' },
};
