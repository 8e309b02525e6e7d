import { Command } from 'commander';
import { publishCommand } from './events/publish-command';
import { tailCommand } from './events/tail-command';

/** `millrace events publish|tail`. */
export function eventsCommand(): Command {
  return new Command('events')
    .description('publish events, and read them from the log, decoded')
    .addCommand(publishCommand())
    .addCommand(tailCommand());
}
