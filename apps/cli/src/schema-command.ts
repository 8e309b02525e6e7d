import { catalogue } from '@millrace/contracts';
import { registerSchemas, RegistryClient } from '@millrace/schema-registry';
import { defineConfiguration, parseConfiguration, registryVariables } from '@millrace/service';
import { Command } from 'commander';
import { print } from './print';

/** `millrace schemas register`. */
export function schemasCommand(): Command {
  const schemas = new Command('schemas').description('bring the schemas of the catalogue to the registry');
  schemas
    .command('register')
    .description(
      'register every event type under its subject, with its compatibility; refuses what is incompatible',
    )
    .action(async () => {
      const { SCHEMA_REGISTRY_URL } = parseConfiguration(defineConfiguration(registryVariables), process.env);
      const registered = await registerSchemas(catalogue, new RegistryClient({ url: SCHEMA_REGISTRY_URL }));
      for (const [subject, schemaId] of registered) print(`${subject}: schema ${schemaId}`);
    });
  return schemas;
}
