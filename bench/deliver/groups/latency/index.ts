import type { HostedGroup } from '@millrace/delivery';
import { MeasuredController } from '../counted-here';
import { latency } from './group';
import { LatencyController } from './latency.controller';

/** What the consumer service loads. */
export const hosted: HostedGroup = { group: latency, controllers: [LatencyController, MeasuredController] };
