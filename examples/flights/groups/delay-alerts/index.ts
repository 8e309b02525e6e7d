import type { HostedGroup } from '@millrace/delivery';
import { DelayAlertsController } from './delay-alerts.controller';
import { delayAlerts } from './group';

/** What the consumer service loads. */
export const hosted: HostedGroup = {
  group: delayAlerts,
  controllers: [DelayAlertsController],
  migrations: { directory: new URL('./migrations/', import.meta.url), schema: 'flights' },
};
