import { Controller } from '@nestjs/common';
import { Ctx, EventPattern } from '@nestjs/microservices';
import { FlightLanded } from '@millrace/contracts';
import { defineConsumerGroup } from '@millrace/delivery';
import type { HostedGroup, TransactionalDelivery } from '@millrace/delivery';
import { ask, asking } from '../ask';

const group = defineConsumerGroup({ name: 'transactional', ...asking });

/** Adds a row to the table `effect`, which whoever runs it has made. */
@Controller()
class TransactionalController {
  @EventPattern(group.on(FlightLanded))
  async onLanded(@Ctx() { metadata, signal, transaction }: TransactionalDelivery): Promise<void> {
    await ask(`${group.name}/${metadata.id}`, signal);
    await transaction.query('INSERT INTO effect (id) VALUES ($1)', [metadata.id]);
  }
}

export const hosted: HostedGroup = { group, controllers: [TransactionalController] };
