import { catalogue } from '@millrace/contracts';
import { registerSchemas, RegistryClient } from '@millrace/schema-registry';
import { defineConfiguration, parseConfiguration, registryVariables } from '@millrace/service';
import { Command } from 'commander';
import { print } from './print';
import { checkSchemas } from './schema/check-schemas';
import { describeCheck } from './schema/describe-check';

interface CheckOptions {
  readonly against?: string;
  readonly json?: boolean;
}

const checkHelp = `
Each subject is compared under the level that its topic declares: with the latest version, or with all of them when
the level is a _TRANSITIVE one. With --against those are the versions that the ref has held (its first parents, commits
that changed schemas/); without it, the versions in the registry of SCHEMA_REGISTRY_URL.

Exit codes:
  0  everything is compatible
  1  it could not be checked: an unknown ref, schemas that cannot be read, no registry
  2  something is not compatible

Examples:
  millrace schema check --against origin/main          in CI; needs no server
  millrace schema check --against HEAD~3 --json
  SCHEMA_REGISTRY_URL=http://registry:8081/apis/ccompat/v7 millrace schema check`;

/** `millrace schema check|register`. */
export function schemaCommand(): Command {
  const schema = new Command('schema')
    .alias('schemas')
    .description('check the schemas of schemas/, and bring them to the registry');
  schema
    .command('check')
    .description(
      'say of each subject whether its schema is compatible with its earlier versions, and what to do if not',
    )
    .option('--against <ref>', 'compare with a git branch, tag or commit instead of the registry')
    .option('--json', 'print JSON instead of text')
    .addHelpText('after', checkHelp)
    .action(async ({ against, json }: CheckOptions) => {
      const check = await checkSchemas(against);
      if (json === true) print(JSON.stringify(check));
      else describeCheck(check).forEach(print);
      if (!check.compatible) process.exitCode = 2;
    });
  schema
    .command('register')
    .description(
      'register every event type under its subject, with its compatibility; refuses what is incompatible',
    )
    .addHelpText(
      'after',
      '\nDoing it again changes nothing. Exits with 1 at the first subject that is refused.\n\nExample:\n  millrace schema register',
    )
    .action(async () => {
      const { SCHEMA_REGISTRY_URL } = parseConfiguration(defineConfiguration(registryVariables), process.env);
      const registered = await registerSchemas(catalogue, new RegistryClient({ url: SCHEMA_REGISTRY_URL }));
      for (const [subject, schemaId] of registered) print(`${subject}: schema ${schemaId}`);
    });
  return schema;
}
