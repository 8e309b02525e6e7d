#!/usr/bin/env node
import { ConfigurationError } from '@millrace/service';
import { Command } from 'commander';
import { eventsCommand } from './events-command';
import { groupsCommand } from './groups-command';
import { projectionsCommand } from './projections-command';
import { replayCommand } from './replay-command';
import { ReplayProblemError } from './replay/replay-errors';
import { schemaCommand } from './schema-command';
import { topicsCommand } from './topics-command';

const program = new Command('millrace')
  .description('Operate Millrace from a terminal.')
  .addCommand(topicsCommand())
  .addCommand(schemaCommand())
  .addCommand(eventsCommand())
  .addCommand(groupsCommand())
  .addCommand(replayCommand())
  .addCommand(projectionsCommand())
  .addHelpText(
    'after',
    '\nThe servers come from KAFKA_BROKERS and SCHEMA_REGISTRY_URL, the producer from\nPRODUCER_URL, a consumer from CONSUMER_URL, the replay service from REPLAY_URL; see\ndocs/configuration.md.',
  );

// Whoever reads the output has seen enough (`| head`): nothing is left to do.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`millrace: ${describe(error)}\n`);
  process.exitCode = error instanceof ReplayProblemError ? error.exitCode : 1;
}

/** One line for a person; the stack only for those who ask. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (process.env['DEBUG'] !== undefined) return error.stack ?? error.message;
  return error instanceof ConfigurationError ? error.problems.join('; ') : error.message;
}
