import { join } from 'node:path';
import { JAVA_MINIMUM } from './embedded-stack';
import { fetchStack } from './fetch-stack';
import type { JavaCandidate } from './find-java';
import { findJava } from './toolchain';

/**
 * A Java and the class path of the embedded stack's Kafka, to run a tool of Kafka's own, such as
 * `org.apache.kafka.tools.consumer.ConsoleConsumer`. Fetches the stack when it is not there yet.
 * @throws what `findJava` and `fetchStack` throw
 */
export async function findKafkaTools(
  env: NodeJS.ProcessEnv,
): Promise<{ readonly java: JavaCandidate; readonly classPath: string }> {
  const java = findJava({ minimum: JAVA_MINIMUM, env });
  const distribution = await fetchStack({ env, javaHome: java.home, onProgress: () => undefined });
  return { java, classPath: join(distribution, 'kafka', 'lib', '*') };
}
