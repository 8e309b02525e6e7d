import type { Position } from '@millrace/event';
import type { RecordToWrite } from '@millrace/kafka';
import type { ReservationRequest } from '@millrace/postgres';

/**
 * Where an event is on its way: it waits to be reserved; somebody else has reserved it, and what became of that is not
 * known; it waits behind such an event of its key; the log's writer has it.
 */
type Stage = 'reserving' | 'open' | 'behind' | 'writing';

/** An event of a topic with a window, with the callers that wait for its place. */
export class PendingEvent {
  stage: Stage = 'reserving';
  /** When it was reserved for this process, by PostgreSQL's clock; undefined before. */
  reservedAtMs: number | undefined;
  private answered = false;
  private readonly outcome = Promise.withResolvers<Position>();

  constructor(
    readonly record: RecordToWrite,
    readonly request: ReservationRequest,
    /** What `identityOf` of @millrace/event gives. */
    readonly identityInLog: string,
    readonly limits: { readonly sizeBytes: number; readonly deadlineAt: number },
  ) {}

  get identity(): string {
    return this.request.identity;
  }

  /** Nobody waits for it any more. */
  get isAnswered(): boolean {
    return this.answered;
  }

  /** Its place in the log, or why it has none. */
  get place(): Promise<Position> {
    return this.outcome.promise;
  }

  resolve(position: Position): void {
    this.answered = true;
    this.outcome.resolve(position);
  }

  reject(error: unknown): void {
    this.answered = true;
    this.outcome.reject(error instanceof Error ? error : new Error(String(error)));
  }

  /** Whether an event of the same identity says the same. By another version of the schema that cannot be seen. */
  saysTheSame(other: ReservationRequest): boolean {
    return this.request.schemaId !== other.schemaId || this.request.content === other.content;
  }
}
