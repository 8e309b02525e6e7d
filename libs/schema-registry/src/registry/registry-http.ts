import { RegistryRefusedError, RegistryUnreachableError } from '../errors';

export interface RegistryHttpOptions {
  /** Where the Confluent-compatible API is; a user and a password may be in it. */
  readonly url: string;
  readonly timeoutMs: number;
}

export interface RegistryRequest {
  /** Completes the sentence "the registry could not …". */
  readonly what: string;
  readonly method?: 'GET' | 'POST' | 'PUT';
  /** Parts of the path, encoded here. */
  readonly path: readonly (string | number)[];
  /** What follows the path, encoded here. */
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: unknown;
}

/** The registry's REST API over fetch: a deadline for each request, and two errors that say what to do about it. */
export class RegistryHttp {
  /** The address without credentials, for messages. */
  readonly url: string;
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
  readonly timeoutMs: number;

  constructor({ url, timeoutMs }: RegistryHttpOptions) {
    const address = new URL(url);
    if (address.username !== '') {
      const [username, password] = [address.username, address.password].map(decodeURIComponent);
      this.credentials = { username: username ?? '', password: password ?? '' };
    }
    address.username = '';
    address.password = '';
    this.url = address.href.replace(/\/+$/, '');
    this.timeoutMs = timeoutMs;
  }

  /**
   * The response's body, or undefined when the registry says that the thing does not exist. Throws
   * RegistryUnreachableError for a failed connection, a deadline, and statuses that say "later"; RegistryRefusedError
   * for every other status.
   */
  async send(request: RegistryRequest): Promise<unknown> {
    const response = await this.#fetch(request);
    const body = parseBody(response.text);
    if (response.status < 300) {
      if (body !== undefined) return body;
      throw this.#refused(
        request,
        response.status,
        'answered with something other than JSON; is the path of SCHEMA_REGISTRY_URL right?',
      );
    }
    const { error_code: code, message } = (body ?? {}) as { error_code?: unknown; message?: unknown };
    // Only the registry's own "not found" counts: a wrong path or a proxy answers 404 as well.
    if (response.status === 404 && typeof code === 'number' && Math.floor(code / 100) === 404)
      return undefined;
    const reason =
      typeof message === 'string' ? message : 'without a reason; is the path of SCHEMA_REGISTRY_URL right?';
    if (response.status >= 500 || response.status === 429 || response.status === 408) {
      throw new RegistryUnreachableError(this.url, request.what, { reason: `${response.status} ${reason}` });
    }
    throw this.#refused(request, response.status, reason);
  }

  async #fetch({
    what,
    method = 'GET',
    path,
    query = {},
    body,
  }: RegistryRequest): Promise<{ status: number; text: string }> {
    const address = new URL(`${this.url}/${path.map(encodeURIComponent).join('/')}`);
    for (const [name, value] of Object.entries(query)) address.searchParams.set(name, String(value));
    try {
      const response = await fetch(address, {
        method,
        headers: this.#headers(),
        signal: AbortSignal.timeout(this.timeoutMs),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, text: await response.text() };
    } catch (cause) {
      throw new RegistryUnreachableError(this.url, what, { reason: this.#reasonOf(cause), cause });
    }
  }

  #headers(): Record<string, string> {
    const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' };
    if (this.credentials === undefined) return headers;
    const { username, password } = this.credentials;
    return {
      ...headers,
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
    };
  }

  #reasonOf(error: unknown): string {
    if (error instanceof DOMException && error.name === 'TimeoutError')
      return `no answer within ${this.timeoutMs} ms`;
    const inner = error instanceof Error ? error.cause : undefined;
    const { code, message } = (inner ?? error) as { code?: string; message?: string };
    return code ?? message ?? 'the connection failed';
  }

  #refused({ what }: RegistryRequest, status: number, reason: string): RegistryRefusedError {
    return new RegistryRefusedError(this.url, what, { status, reason });
  }
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
