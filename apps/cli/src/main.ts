#!/usr/bin/env node
import { Command } from 'commander';
import { schemasCommand } from './schemas-command';
import { topicsCommand } from './topics-command';

const program = new Command('millrace')
  .description('Operate Millrace from a terminal.')
  .addCommand(topicsCommand())
  .addCommand(schemasCommand())
  .addHelpText(
    'after',
    '\nThe servers come from KAFKA_BROKERS and SCHEMA_REGISTRY_URL; see docs/configuration.md.',
  );

try {
  await program.parseAsync();
} catch (error) {
  // One line for a person; the stack only for those who ask.
  const shown = error instanceof Error && process.env['DEBUG'] === undefined ? error.message : String(error);
  process.stderr.write(`millrace: ${shown}\n`);
  process.exitCode = 1;
}
