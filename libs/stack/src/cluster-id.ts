import { randomBytes } from 'node:crypto';

/**
 * A new id for a Kafka cluster, in Kafka's own form: 16 bytes in base64url. Like Kafka's, it never begins with `-`:
 * command lines would take it for an option (Uuid.randomUuid in Kafka's source).
 */
export function newClusterId(random: () => Buffer = () => randomBytes(16)): string {
  for (;;) {
    const id = random().toString('base64url');
    if (!id.startsWith('-')) return id;
  }
}
