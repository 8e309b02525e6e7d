import { within } from '@millrace/service';
import type { MetricSource } from '@millrace/service';
import { GroupReports } from '../group-reports';
import type { GroupServer } from '../group-server';
import { groupFamilies } from './group-families';

/** Below Prometheus's own 10 s: what was counted here is worth more than what a server that hangs might say. */
const REPORT_WITHIN_MS = 3_000;

/** The metrics of the groups of one server, for each scrape anew. */
export function groupMetrics(server: GroupServer): MetricSource {
  const reports = new GroupReports(server);
  return async () => {
    const groups = [...server.meters].map(async ([name, meter]) => {
      const held = server.running.get(name)?.status.partitions ?? [];
      const report = await within(REPORT_WITHIN_MS, reports.read(name));
      return { name, meter, held, ...(report === undefined ? {} : { report }) };
    });
    return groupFamilies(await Promise.all(groups));
  };
}
