import type { RegistryClientOptions, SchemaWithId } from './registry-client';
import { RegistryHttp } from './registry-http';
import type { RegistryRequest } from './registry-http';

interface VersionAnswer {
  readonly id: number;
  readonly schema: string;
  readonly schemaType?: string;
  readonly references?: readonly unknown[];
}

export interface RegistryHistoryOptions extends RegistryClientOptions {
  /** Subjects asked for at once. Default 500. */
  readonly pageSize?: number;
}

/**
 * All that was ever registered, deletions included, for as long as they are not for good (`?permanent=true`). Reads
 * only; every request ends within the deadline. Throws RegistryUnreachableError (retriable) or RegistryRefusedError.
 *
 * Seen with Apicurio Registry 3.3: it lists deleted subjects and versions, and gives the schema of a deleted version,
 * but not of a subject that is deleted as a whole. It ignores `subjectPrefix`, and lists no more than 1,000 subjects
 * unless they are asked for in pages, and no more than 500 versions of a subject at all (Apicurio issue 9851).
 */
export class RegistryHistory {
  readonly #http: RegistryHttp;
  readonly #pageSize: number;

  constructor({ url, timeoutMs = 5_000, pageSize = 500 }: RegistryHistoryOptions) {
    this.#pageSize = pageSize;
    this.#http = new RegistryHttp({ url, timeoutMs });
  }

  /** The address, without credentials. */
  get url(): string {
    return this.#http.url;
  }

  /** The names of all subjects. */
  async subjects(): Promise<string[]> {
    const names = new Set<string>();
    for (;;) {
      const before = names.size;
      const query = { offset: before, limit: this.#pageSize };
      const answer = await this.#get({ what: 'list its subjects', path: ['subjects'], query });
      for (const name of (answer ?? []) as string[]) names.add(name);
      // Only a page without anything new is the last: a registry may give less than it was asked for, or no pages.
      if (names.size === before) return [...names];
    }
  }

  /** The numbers of a subject's versions, oldest first; none for an unknown subject. */
  async versions(subject: string): Promise<number[]> {
    const path = ['subjects', subject, 'versions'];
    const answer = await this.#get({ what: `list the versions of ${subject}`, path });
    return ((answer ?? []) as number[]).toSorted((a, b) => a - b);
  }

  /** One version of a subject, or `undefined` when the registry does not give it. */
  async findVersion(subject: string, version: number): Promise<SchemaWithId | undefined> {
    const path = ['subjects', subject, 'versions', version];
    const answer = await this.#get({ what: `read version ${version} of ${subject}`, path });
    if (answer === undefined) return undefined;
    const { id, schema: text, schemaType = 'AVRO', references = [] } = answer as VersionAnswer;
    return { id, text, schemaType, references: references.length };
  }

  /** The answer, deletions included, or `undefined` when the registry says that there is no such thing. */
  async #get(request: Pick<RegistryRequest, 'what' | 'path' | 'query'>): Promise<unknown> {
    return this.#http.send({ ...request, query: { deleted: true, ...request.query } });
  }
}
