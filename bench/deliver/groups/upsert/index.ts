import type { HostedGroup } from '@millrace/delivery';
import { MeasuredController } from '../counted-here';
import { upsert } from './group';
import { UpsertController } from './upsert.controller';

/** What the consumer service loads. */
export const hosted: HostedGroup = {
  group: upsert,
  controllers: [UpsertController, MeasuredController],
  migrations: { directory: new URL('./migrations/', import.meta.url), schema: 'bench' },
};
