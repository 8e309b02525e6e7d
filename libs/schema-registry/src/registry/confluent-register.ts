import confluent from '@kafkajs/confluent-schema-registry';
import type { Compatibility } from '@millrace/contracts';
import { RegistryRefusedError, RegistryUnreachableError, SchemaIncompatibleError } from '../errors';
import type { RegistryHttp } from './registry-http';

type Client = InstanceType<typeof confluent.SchemaRegistry>;
type Options = ConstructorParameters<typeof confluent.SchemaRegistry>[0];
type Middleware = NonNullable<Options['middlewares']>[number];

export interface Registration {
  readonly subject: string;
  readonly schemaText: string;
  /** What the subject is set to already: the client throws when it finds another level. */
  readonly compatibility: Compatibility;
}

/** Registers through the client library, less its traps: no default subject, no retries of its own, a deadline. */
export class ConfluentRegister {
  readonly #client: Client;
  readonly #http: RegistryHttp;

  constructor(http: RegistryHttp) {
    this.#http = http;
    this.#client = new confluent.SchemaRegistry({
      clientId,
      host: http.url,
      retry: { retries: 0 },
      middlewares: [deadline(http.timeoutMs)],
      ...(http.credentials === undefined ? {} : { auth: http.credentials }),
    });
  }

  /** The id of the schema. Idempotent. Throws SchemaIncompatibleError, RegistryUnreachableError, RegistryRefusedError. */
  async register({ subject, schemaText, compatibility }: Registration): Promise<number> {
    try {
      const { id } = await this.#client.register(
        { type: confluent.SchemaType.AVRO, schema: schemaText },
        // Without updateConfig: false it would write the level as well.
        { subject, compatibility: confluent.COMPATIBILITY[compatibility], updateConfig: false },
      );
      return id;
    } catch (cause) {
      throw this.#translate(subject, cause);
    }
  }

  #translate(subject: string, cause: unknown): Error {
    const { status = 0, message = '' } = cause as { status?: number; message?: string };
    const reason = message.replace(`${clientId} - `, '');
    const what = `register a schema under ${subject}`;
    if (status === 409) return new SchemaIncompatibleError(subject, reason, { cause });
    // A failed connection looks like status 400 here, with the error's text where the registry's own message would be.
    const failed = /^Error, status 400: (.*)$/s.exec(reason);
    if (failed !== null || status >= 500 || status === 429) {
      return new RegistryUnreachableError(this.#http.url, what, { reason: failed?.[1] ?? reason, cause });
    }
    return new RegistryRefusedError(this.#http.url, what, { status, reason, cause });
  }
}

const clientId = 'millrace';

function deadline(timeoutMs: number): Middleware {
  return () => ({ prepareRequest: async (next) => (await next()).enhance({ timeout: timeoutMs }) });
}
