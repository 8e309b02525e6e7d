import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import type { TransactionalDelivery } from '@millrace/delivery';
import { UPSERT } from '../../upsert-sql';
import { handled } from '../counted-here';
import { upsert } from './group';

/** One upsert an event, in the transaction that moves the position. */
@Controller()
export class UpsertController {
  @EventPattern(upsert.on(FlightDeparted))
  onDeparted(@Payload() departed: FlightDeparted, @Ctx() delivery: TransactionalDelivery): Promise<void> {
    return count(departed.flightId, delivery);
  }

  @EventPattern(upsert.on(FlightLanded))
  onLanded(@Payload() landed: FlightLanded, @Ctx() delivery: TransactionalDelivery): Promise<void> {
    return count(landed.flightId, delivery);
  }
}

async function count(flightId: string, { transaction }: TransactionalDelivery): Promise<void> {
  await transaction.query(UPSERT, [flightId]);
  handled.one();
}
