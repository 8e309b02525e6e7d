import { Controller } from '@nestjs/common';
import { Ctx, EventPattern } from '@nestjs/microservices';
import { FlightLanded } from '@millrace/contracts';
import { defineConsumerGroup } from '@millrace/delivery';
import type { ExternalDelivery, HostedGroup } from '@millrace/delivery';
import { ask, asking } from '../ask';

const group = defineConsumerGroup({ name: 'external', kind: 'external', ...asking });

/** To ask is all that it does outside. */
@Controller()
class ExternalController {
  @EventPattern(group.on(FlightLanded))
  async onLanded(@Ctx() { metadata, signal, fencingToken }: ExternalDelivery): Promise<void> {
    await ask(`${group.name}/${metadata.id}`, signal, fencingToken);
  }
}

export const hosted: HostedGroup = { group, controllers: [ExternalController] };
