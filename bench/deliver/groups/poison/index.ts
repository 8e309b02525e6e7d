import type { HostedGroup } from '@millrace/delivery';
import { MeasuredController } from '../counted-here';
import { PoisonController } from './poison.controller';
import { poison } from './group';

/** What the consumer service loads. */
export const hosted: HostedGroup = {
  group: poison,
  controllers: [PoisonController, MeasuredController],
  migrations: { directory: new URL('./migrations/', import.meta.url), schema: 'bench' },
};
