import type { RegisteredSchema } from '../registry/registered-schema';
import type { RegistryClient } from '../registry/registry-client';

/** Failures to find a schema are forgotten after this time: a registry can be restored or replicated late. */
const notFoundMs = 30_000;
const maxConcurrentFetches = 8;

/** What the registry says about a schema id: its schema, or that there is none. */
export type WriterSchema =
  { readonly found: true; readonly schema: RegisteredSchema } | { readonly found: false };

/**
 * Fetches writer schemas, once for each id even when many ask. What is registered never changes, so only misses expire.
 * Keeps at most `maxEntries` schemas; the ones that came first go first.
 */
export class WriterSchemas {
  readonly #registry: RegistryClient;
  readonly #maxEntries: number;
  readonly #known = new Map<number, WriterSchema & { readonly expiresAtMs: number }>();
  readonly #fetching = new Map<number, Promise<void>>();

  constructor(registry: RegistryClient, maxEntries: number) {
    this.#registry = registry;
    this.#maxEntries = maxEntries;
  }

  get(schemaId: number): WriterSchema | undefined {
    const entry = this.#known.get(schemaId);
    return entry !== undefined && entry.expiresAtMs > Date.now() ? entry : undefined;
  }

  /** Resolves when `get` answers for every id. Rejects with RegistryUnreachableError, and then changes nothing. */
  async load(schemaIds: Iterable<number>): Promise<void> {
    const wanted = new Set(schemaIds);
    const missing = [...wanted].filter((id) => this.get(id) === undefined);
    this.#makeRoom(missing.length, wanted);
    // A topic full of invented ids must not flood the registry.
    for (let start = 0; start < missing.length; start += maxConcurrentFetches) {
      await Promise.all(missing.slice(start, start + maxConcurrentFetches).map((id) => this.#fetchOnce(id)));
    }
  }

  #fetchOnce(schemaId: number): Promise<void> {
    const under = this.#fetching.get(schemaId);
    if (under !== undefined) return under;
    const fetching = this.#fetch(schemaId).finally(() => this.#fetching.delete(schemaId));
    this.#fetching.set(schemaId, fetching);
    return fetching;
  }

  async #fetch(schemaId: number): Promise<void> {
    const schema = await this.#registry.findSchema(schemaId);
    this.#known.delete(schemaId);
    this.#known.set(
      schemaId,
      schema === undefined
        ? { found: false, expiresAtMs: Date.now() + notFoundMs }
        : { found: true, schema, expiresAtMs: Infinity },
    );
  }

  /** Before a batch, never during one: what a batch has loaded must be there when it is decoded. */
  #makeRoom(coming: number, wanted: ReadonlySet<number>): void {
    for (const id of this.#known.keys()) {
      if (this.#known.size + coming <= this.#maxEntries) return;
      if (!wanted.has(id)) this.#known.delete(id);
    }
  }
}
