import { Controller, Get, Inject, Param } from '@nestjs/common';
import { GroupReports } from './group-reports';
import type { GroupReport } from './group-reports';

/** How the groups that this process hosts are doing, all members together. */
@Controller('v1/groups')
export class GroupsController {
  constructor(@Inject(GroupReports) private readonly reports: GroupReports) {}

  @Get()
  async list(): Promise<{ readonly groups: readonly GroupReport[] }> {
    return { groups: await this.reports.list() };
  }

  @Get(':group')
  show(@Param('group') group: string): Promise<GroupReport> {
    return this.reports.read(group);
  }
}
