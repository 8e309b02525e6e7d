import type { KafkaApi } from './kafka-apis';
import type { KafkaRequest } from './kafka-request';

/** Which requests, or the responses to them, something is done to. */
export interface AimOptions {
  readonly api: KafkaApi;
  /** Only those of this client id. Default all. */
  readonly clientId?: string;
  /** The first one to hit among those that match, counted from 1. Default 1. */
  readonly nth?: number;
  /** Hits at most so many. Default 1 with `nth`, otherwise all. */
  readonly count?: number;
  /** Of each that could be hit, from 0 to 1. Default 1. */
  readonly probability?: number;
}

/** What a test or a report sees of an aim. */
export interface AimHandle {
  /** How often it really happened. */
  readonly happened: number;
  /** Takes it back; what is under way still happens. Idempotent. */
  end(): void;
}

/** Decides, request by request, which ones are hit. */
export class Aim {
  happened = 0;
  private matched = 0;
  private hits = 0;

  constructor(
    private readonly options: AimOptions,
    private readonly random: () => number,
  ) {}

  /** To be asked once for each request or response, in their order. */
  hit(request: KafkaRequest): boolean {
    const { api, clientId, nth, count = nth === undefined ? Number.POSITIVE_INFINITY : 1 } = this.options;
    if (request.api !== api || (clientId !== undefined && request.clientId !== clientId)) return false;
    this.matched += 1;
    if (this.matched < (nth ?? 1) || this.hits >= count) return false;
    if (this.random() >= (this.options.probability ?? 1)) return false;
    this.hits += 1;
    return true;
  }
}
