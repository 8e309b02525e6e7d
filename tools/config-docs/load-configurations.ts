import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ConfigurationDefinition } from '@millrace/service';

export interface ServiceConfiguration {
  readonly service: string;
  readonly configuration: ConfigurationDefinition;
}

/**
 * The configuration of every app that has one, by name: the export `configuration` of its `src/configuration.js` in
 * the compiled tree. Loaded by path, because nothing may import an app.
 */
export async function loadConfigurations(compiledApps: string): Promise<ServiceConfiguration[]> {
  const found: ServiceConfiguration[] = [];
  for (const path of await listConfigurationFiles(compiledApps)) {
    const module = (await import(pathToFileURL(resolve(compiledApps, path.file)).href)) as Record<
      string,
      unknown
    >;
    const configuration = module['configuration'];
    if (typeof configuration !== 'object' || configuration === null) {
      throw new Error(
        `apps/${path.service}/src/configuration.ts: expected an export "configuration" made by defineConfiguration`,
      );
    }
    found.push({ service: path.service, configuration: configuration as ConfigurationDefinition });
  }
  return found;
}

async function listConfigurationFiles(
  root: string,
): Promise<{ readonly service: string; readonly file: string }[]> {
  const apps = await entriesOf(root);
  const files = await Promise.all(
    apps.toSorted().map(async (service) => {
      const has = (await entriesOf(join(root, service, 'src'))).includes('configuration.js');
      return has ? [{ service, file: join(service, 'src', 'configuration.js') }] : [];
    }),
  );
  return files.flat();
}

async function entriesOf(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      return [];
    }
    throw error;
  }
}
