import type { Contestant } from '../../figure';
import { javaProgram, schemasById } from '../../java-program';
import type { DeliverStack } from '../deliver-stack';
import type { Counting } from '../handled';

const SPRING = {
  pom: 'bench/deliver/spring/pom.xml',
  name: 'bench-spring',
  what: 'Spring Kafka, Avro and JDBC (once, about 40 MB)',
};

export interface SpringListenerOptions {
  readonly stack: DeliverStack;
  readonly name: string;
  /** How it is set up, for the reader. */
  readonly settings: string;
  readonly tuned: boolean;
  readonly counting: Counting;
  /** What it does with a record, over JDBC. Default: nothing. */
  readonly effect?: { readonly databaseUrl: string; readonly statement: string };
}

/** Spring Kafka in a Java of its own, new in each round. */
export async function springListener(options: SpringListenerOptions): Promise<Contestant> {
  const { stack, name, settings, tuned, counting, effect } = options;
  const listener = await javaProgram(SPRING, 'bench/deliver/spring/Listener.java');
  const args = [
    ...[stack.brokers.join(), stack.topic, tuned ? 'tuned' : 'defaults'],
    ...[String(counting.warmUp), String(counting.counted)],
    ...(effect === undefined
      ? ['-', '-']
      : [jdbcUrl(effect.databaseUrl), effect.statement.replaceAll('$1', '?')]),
    ...(await schemasById(stack.registryUrl)),
  ];
  return { name, settings, round: () => listener.run(args), close: () => Promise.resolve() };
}

function jdbcUrl(databaseUrl: string): string {
  const { host, pathname, username, password } = new URL(databaseUrl);
  const user = new URLSearchParams({
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  });
  return `jdbc:postgresql://${host}${pathname}?${user.toString()}`;
}
