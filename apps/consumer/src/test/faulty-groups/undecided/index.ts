import { FlightLanded } from '@millrace/contracts';
import { defineConsumerGroup } from '@millrace/delivery';
import type { HostedGroup } from '@millrace/delivery';

/** Says nothing of another event type of its topic. */
export const hosted: HostedGroup = {
  group: defineConsumerGroup({ name: 'undecided', handles: [FlightLanded] }),
  controllers: [],
};
