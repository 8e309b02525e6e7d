import { Controller } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { FlightLanded } from '@millrace/contracts';
import type { TransactionalDelivery } from '@millrace/delivery';
import { meetPoison } from '../meet-poison';
import { closeOwnDatabase } from '../own-database';
import { ledger } from './group';

/** Adds one row a call, within the transaction that moves the group's position. */
@Controller()
export class LedgerController implements OnApplicationShutdown {
  @EventPattern(ledger.on(FlightLanded))
  async onLanded(@Payload() landed: FlightLanded, @Ctx() delivery: TransactionalDelivery): Promise<void> {
    const { id, topic, partition, offset } = delivery.metadata;
    await meetPoison(ledger.name, { id, key: landed.flightId }, delivery.transaction);
    await delivery.transaction.query(
      `INSERT INTO faults.effect (event_id, key, seq, topic, partition, record_offset) VALUES ($1, $2, $3, $4, $5, $6)`,
      [id, landed.flightId, landed.delayMinutes, topic, partition, offset],
    );
  }

  onApplicationShutdown(): void {
    closeOwnDatabase();
  }
}
