import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { FlightLanded } from '@millrace/contracts';
import type { TransactionalDelivery } from '@millrace/delivery';
import { delayAlerts } from './group';

const LATE_MINUTES = 60;

/** Writes within the transaction that moves the group's position: each late landing is recorded exactly once. */
@Controller()
export class DelayAlertsController {
  @EventPattern(delayAlerts.on(FlightLanded))
  async onLanded(@Payload() landed: FlightLanded, @Ctx() delivery: TransactionalDelivery): Promise<void> {
    if (landed.delayMinutes <= LATE_MINUTES) return;
    await delivery.transaction.query(
      `INSERT INTO flights.delay_alert (flight_id, destination, delay_minutes, event_id) VALUES ($1, $2, $3, $4)`,
      [landed.flightId, landed.destination, landed.delayMinutes, delivery.metadata.id],
    );
  }
}
