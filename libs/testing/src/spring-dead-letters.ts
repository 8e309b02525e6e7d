import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchWithMaven, findJava, findInWorkspace } from '@millrace/stack';
import { JavaClient } from './java-client';
import type { JavaTools } from './java-client';

const PROJECT = 'libs/testing/java/spring-kafka';
/** Spring Framework 7 needs 17. */
const JAVA_MINIMUM = 17;

/** What a listener of Spring Kafka is given of a dead letter, by the types that it declares. */
export interface SpringDeadLetter {
  readonly readFrom: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly timestamp: bigint;
  readonly timestampType: string;
  readonly consumerGroup: string;
  readonly exception: string;
  readonly cause: string;
  readonly message: string;
  readonly stacktrace: string;
  readonly reason: string;
  readonly attempts: string;
  /** The headers that Spring leaves as bytes; one of each name. */
  readonly headers: Readonly<Record<string, Buffer>>;
}

/**
 * What a real Spring Kafka application reads in topics that hold that many records in all. Fetches Spring Kafka when it is not
 * there yet. @throws when Spring cannot read one, with what it says
 */
export async function readWithSpring(
  brokers: readonly string[],
  topics: readonly string[],
  count: number,
): Promise<SpringDeadLetter[]> {
  const java = await JavaClient.open(findSpringKafka);
  try {
    const source = await readFile(findInWorkspace(join(PROJECT, 'DeadLetters.java')), 'utf8');
    const args = [brokers.join(), topics.join(), String(count)];
    const printed = await java.runSource('DeadLetters', source, { args });
    return printed
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map(parse);
  } finally {
    await java.close();
  }
}

async function findSpringKafka(env: NodeJS.ProcessEnv): Promise<JavaTools> {
  const java = findJava({ minimum: JAVA_MINIMUM, env });
  const springKafka = {
    pom: join(PROJECT, 'pom.xml'),
    name: 'spring-kafka',
    what: 'Spring Kafka (once, about 30 MB)',
  };
  const directory = await fetchWithMaven(springKafka, {
    env,
    javaHome: java.home,
    onProgress: () => undefined,
  });
  return { java, classPath: join(directory, 'lib', '*') };
}

function parse(line: string): SpringDeadLetter {
  const bytes = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text, 'base64'));
  type Printed = Omit<SpringDeadLetter, 'key' | 'value' | 'offset' | 'timestamp' | 'headers'> & {
    readonly key: string | null;
    readonly value: string | null;
    readonly offset: string;
    readonly timestamp: string;
    readonly headers: Readonly<Record<string, string>>;
  };
  const printed = JSON.parse(line) as Printed;
  const headers = Object.entries(printed.headers).map(([name, text]) => [name, Buffer.from(text, 'base64')]);
  return {
    ...printed,
    key: bytes(printed.key),
    value: bytes(printed.value),
    offset: BigInt(printed.offset),
    timestamp: BigInt(printed.timestamp),
    headers: Object.fromEntries(headers) as Record<string, Buffer>,
  };
}
