import type { HostedGroup } from '@millrace/delivery';
import { ledger } from './group';
import { LedgerController } from './ledger.controller';

/** What the consumer service loads. */
export const hosted: HostedGroup = {
  group: ledger,
  controllers: [LedgerController],
  migrations: { directory: new URL('./migrations/', import.meta.url), schema: 'faults' },
};
