import { Controller, Get, Inject } from '@nestjs/common';
import { GroupServer } from './group-server';

/** How the groups that this process hosts are doing, all members together. */
@Controller('v1/groups')
export class GroupsController {
  constructor(@Inject(GroupServer) private readonly server: GroupServer) {}

  @Get()
  async list(): Promise<unknown> {
    const reports = [...this.server.running].map(async ([name, reader]) => ({
      name,
      ...(await reader.report()),
    }));
    return { groups: await Promise.all(reports) };
  }
}
