import type { HostedGroup } from '@millrace/delivery';
import { MeasuredController } from '../counted-here';
import { noOp } from './group';
import { NoOpController } from './no-op.controller';

/** What the consumer service loads. */
export const hosted: HostedGroup = { group: noOp, controllers: [NoOpController, MeasuredController] };
