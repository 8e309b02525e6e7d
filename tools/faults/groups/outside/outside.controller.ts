import { setTimeout as sleep } from 'node:timers/promises';
import { Controller } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { FlightLanded } from '@millrace/contracts';
import type { ExternalDelivery } from '@millrace/delivery';
import { meetPoison } from '../meet-poison';
import { closeOwnDatabase, ownDatabase } from '../own-database';
import { outside } from './group';

/** As long as a call takes at most, beside the database: several are under way at once, of different lengths. */
const CALL_MS = 10;

/** Makes a call that notes itself on connections of its own: nothing of it is rolled back, whatever becomes of its process. */
@Controller()
export class OutsideController implements OnApplicationShutdown {
  @EventPattern(outside.on(FlightLanded))
  async onLanded(@Payload() landed: FlightLanded, @Ctx() delivery: ExternalDelivery): Promise<void> {
    const { idempotencyKey, fencingToken, attempt, signal, metadata } = delivery;
    const { id, topic, partition, offset } = metadata;
    await meetPoison(outside.name, { id, key: landed.flightId }, ownDatabase());
    await sleep(Math.random() * CALL_MS, undefined, { signal });
    await ownDatabase().query(
      `INSERT INTO outside.call
              (event_id, key, seq, idempotency_key, fencing_token, attempt, topic, partition, record_offset)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        ...[id, landed.flightId, landed.delayMinutes, idempotencyKey, fencingToken],
        ...[attempt, topic, partition, offset],
      ],
    );
  }

  onApplicationShutdown(): void {
    closeOwnDatabase();
  }
}
