import type { HostedGroup } from '@millrace/delivery';
import { MeasuredController } from '../counted-here';
import { ExternalController } from './external.controller';
import { external } from './group';

/** What the consumer service loads. */
export const hosted: HostedGroup = {
  group: external,
  controllers: [ExternalController, MeasuredController],
};
