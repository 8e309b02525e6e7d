import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';

/** What a service of docker-compose.yml says that a container of its own needs too. */
export interface ComposeService {
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The port inside the container that the file publishes. */
  readonly port: number;
  /** Files of the repository that the service mounts, by their path in the container. */
  readonly files: Readonly<Record<string, string>>;
}

interface ServiceEntry {
  readonly image?: string;
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
}

/** The repository's docker-compose.yml: the one place for the images, their versions and their settings. */
export function composeFile(): string {
  const root = join(import.meta.dirname, '../../../..');
  // Compiled, this file lies in dist itself; the compose file is only beside the sources.
  return join(basename(root) === 'dist' ? join(root, '..') : root, 'docker-compose.yml');
}

/**
 * Reads one service. `${NAME:-default}` is replaced by `variables`, or by its default; this process's environment has no
 * say. @throws when the service is not there, or has no image or no published port
 */
export function readComposeService(
  name: string,
  { file = composeFile(), variables = {} }: { file?: string; variables?: Record<string, string> } = {},
): ComposeService {
  const document = parse(readFileSync(file, 'utf8'), { merge: true }) as {
    readonly services?: Readonly<Record<string, ServiceEntry>>;
  };
  const { image, environment = {}, ports = [], volumes = [] } = document.services?.[name] ?? {};
  const port = Number(ports[0]?.split(':').at(-1));
  if (image === undefined || !Number.isInteger(port)) {
    throw new Error(`${file}: expected a service ${name} with an image and a published port`);
  }
  const settings = Object.entries(environment).map(([key, value]) => [key, fill(String(value), variables)]);
  return {
    image,
    environment: Object.fromEntries(settings) as Record<string, string>,
    port,
    files: Object.assign({}, ...volumes.map((volume) => mountedFiles(volume, file))) as Record<
      string,
      string
    >,
  };
}

function fill(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(
    /\$\{(\w+):-([^}]*)\}/g,
    (_whole, variable: string, otherwise: string) => variables[variable] ?? otherwise,
  );
}

/** A mount of a directory of the repository; a named volume holds nothing at first. */
function mountedFiles(volume: string, composePath: string): Record<string, string> {
  const [source = '', target = ''] = volume.split(':');
  if (!source.startsWith('./')) return {};
  const directory = join(composePath, '..', source);
  return Object.fromEntries(
    readdirSync(directory).map((name) => [`${target}/${name}`, readFileSync(join(directory, name), 'utf8')]),
  );
}
