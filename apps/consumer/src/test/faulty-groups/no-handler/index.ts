import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { defineConsumerGroup } from '@millrace/delivery';
import type { HostedGroup } from '@millrace/delivery';

/** Declares an event that none of its methods handles. */
export const hosted: HostedGroup = {
  group: defineConsumerGroup({ name: 'no-handler', handles: [FlightLanded], ignores: [FlightDeparted] }),
  controllers: [],
};
