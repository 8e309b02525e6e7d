import type { Compatibility } from '@millrace/contracts';
import { ConfluentRegister } from './confluent-register';
import { RegistryHttp } from './registry-http';
import type { RegisteredSchema } from './registered-schema';

export interface RegistryClientOptions {
  /** The Confluent-compatible API, such as `http://127.0.0.1:8081/apis/ccompat/v7`. */
  readonly url: string;
  /** For each request. Default 5,000. */
  readonly timeoutMs?: number;
}

/** A registered schema with the id that records carry. */
export interface SchemaWithId extends RegisteredSchema {
  readonly id: number;
}

interface SchemaAnswer {
  readonly id?: number;
  readonly schema: string;
  readonly schemaType?: string;
  readonly references?: readonly unknown[];
}

/**
 * The schema registry. Every method ends within the deadline, changes nothing unless its name says so, and throws
 * RegistryUnreachableError (retriable) or RegistryRefusedError. Keeps no state.
 */
export class RegistryClient {
  readonly #http: RegistryHttp;
  readonly #register: ConfluentRegister;

  constructor({ url, timeoutMs = 5_000 }: RegistryClientOptions) {
    this.#http = new RegistryHttp({ url, timeoutMs });
    this.#register = new ConfluentRegister(this.#http);
  }

  /** The address, without credentials. */
  get url(): string {
    return this.#http.url;
  }

  /** Resolves when the registry answers; for readiness checks. */
  async ping(): Promise<void> {
    await this.#http.send({ what: 'answer', path: ['config'] });
  }

  /** The schema of an id, or undefined when the registry has none. */
  async findSchema(id: number): Promise<RegisteredSchema | undefined> {
    const answer = await this.#http.send({ what: `look schema ${id} up`, path: ['schemas', 'ids', id] });
    return answer === undefined ? undefined : toRegistered(answer as SchemaAnswer);
  }

  /** This schema as it is registered under the subject, documentation aside; undefined when it is not. */
  async lookUp(subject: string, schema: object): Promise<SchemaWithId | undefined> {
    const answer = (await this.#http.send({
      what: `look the schema of ${subject} up`,
      method: 'POST',
      path: ['subjects', subject],
      body: { schema: JSON.stringify(schema) },
    })) as (SchemaAnswer & { id: number }) | undefined;
    return answer === undefined ? undefined : { ...toRegistered(answer), id: answer.id };
  }

  /** The numbers of a subject's versions, oldest first; none for an unknown subject. */
  async versions(subject: string): Promise<readonly number[]> {
    const what = `list the versions of ${subject}`;
    const answer = await this.#http.send({ what, path: ['subjects', subject, 'versions'] });
    return ((answer ?? []) as number[]).toSorted((a, b) => a - b);
  }

  /** One version of a subject, or undefined. */
  async findVersion(subject: string, version: number): Promise<SchemaWithId | undefined> {
    const answer = (await this.#http.send({
      what: `read version ${version} of ${subject}`,
      path: ['subjects', subject, 'versions', version],
    })) as (SchemaAnswer & { id: number }) | undefined;
    return answer === undefined ? undefined : { ...toRegistered(answer), id: answer.id };
  }

  /** Sets a subject's compatibility level, unless it has it already. */
  async setCompatibility(subject: string, compatibility: Compatibility): Promise<void> {
    if ((await this.#compatibilityOf(subject)) === compatibility) return;
    const what = `set the compatibility of ${subject}`;
    try {
      await this.#http.send({ what, method: 'PUT', path: ['config', subject], body: { compatibility } });
    } catch (error) {
      // Apicurio refuses one of two that set a subject's first level at once (409, "rule already exists").
      if ((await this.#compatibilityOf(subject)) !== compatibility) throw error;
    }
  }

  /**
   * Registers a schema under a subject of this compatibility and returns its id; idempotent. Throws
   * SchemaIncompatibleError with the registry's reason as well.
   */
  async register(subject: string, schema: object, compatibility: Compatibility): Promise<number> {
    return this.#register.register({ subject, schemaText: JSON.stringify(schema), compatibility });
  }

  async #compatibilityOf(subject: string): Promise<string | undefined> {
    const what = `read the compatibility of ${subject}`;
    const answer = await this.#http.send({ what, path: ['config', subject] });
    return (answer as { compatibilityLevel?: string } | undefined)?.compatibilityLevel;
  }
}

function toRegistered({ schema, schemaType = 'AVRO', references = [] }: SchemaAnswer): RegisteredSchema {
  return { schemaType, text: schema, references: references.length };
}
