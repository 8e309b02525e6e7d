import { FlightLanded } from '@millrace/contracts';
import { Outbox } from '@millrace/outbox';
import type { OutboxTransaction } from '@millrace/outbox';
import { CompiledQuery } from 'kysely';
import type { Kysely, Transaction } from 'kysely';

/** The gate's own database: one row for each flight that it expects. */
export interface GateDatabase {
  readonly 'gate.flight': {
    readonly flight_id: string;
    readonly origin: string;
    readonly destination: string;
    readonly delay_minutes: number | null;
  };
}

const outbox = new Outbox({ source: '/gate' });

/** A transaction of kysely as the outbox takes it. */
function inKysely(tx: Transaction<GateDatabase>): OutboxTransaction {
  return { query: (text, values) => tx.executeQuery<object>(CompiledQuery.raw(text, values)) };
}

/**
 * Writes down that a flight has landed, and says so: both or neither. Does nothing for a flight that has landed before.
 * @throws EVENT_INVALID, and nothing is written, when the delay is none.
 */
export async function recordLanding(
  gate: Kysely<GateDatabase>,
  { flightId, delayMinutes }: { readonly flightId: string; readonly delayMinutes: number },
): Promise<void> {
  await gate.transaction().execute(async (tx) => {
    const landed = await tx
      .updateTable('gate.flight')
      .set({ delay_minutes: delayMinutes })
      .where('flight_id', '=', flightId)
      .where('delay_minutes', 'is', null)
      .returning(['origin', 'destination'])
      .executeTakeFirst();
    if (landed === undefined) return;
    await outbox.append(inKysely(tx), FlightLanded, { flightId, ...landed, delayMinutes });
  });
}
