import { fetchWithMaven } from './maven-fetch';
import type { FetchOptions } from './maven-fetch';

/**
 * The directory that holds `kafka/lib/*.jar` and `registry/**`, as `deploy/stack/pom.xml` pins them.
 * @throws what `fetchWithMaven` throws
 */
export function fetchStack(options: FetchOptions): Promise<string> {
  const stack = {
    pom: 'deploy/stack/pom.xml',
    name: 'stack',
    what: 'Apache Kafka and the schema registry (once, about 215 MB)',
  };
  return fetchWithMaven(stack, options);
}
