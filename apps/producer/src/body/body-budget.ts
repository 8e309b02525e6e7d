import { BodiesFullError } from '../request-errors';

/** What a request costs beside its body, roughly. */
const REQUEST_BYTES = 4_096;

/**
 * What the bodies of all requests under way may hold in memory together. A request that would exceed it is refused; those
 * that were let in keep what they have.
 */
export class BodyBudget {
  private used = 0;

  constructor(private readonly maxBytes: number) {}

  /** Lets a request in. @throws BodiesFullError at once when the body that it announces would not fit. */
  open(announcedBytes: number): BodyCharge {
    if (this.used + REQUEST_BYTES + announcedBytes > this.maxBytes) throw new BodiesFullError(this.maxBytes);
    const charge = new BodyCharge((bytes) => this.take(bytes));
    charge.add(REQUEST_BYTES);
    return charge;
  }

  private take(bytes: number): void {
    if (bytes > 0 && this.used + bytes > this.maxBytes) throw new BodiesFullError(this.maxBytes);
    this.used += bytes;
  }
}

/** What one request holds. */
export class BodyCharge {
  private held = 0;

  constructor(private readonly take: (bytes: number) => void) {}

  /** @throws BodiesFullError */
  add(bytes: number): void {
    this.take(bytes);
    this.held += bytes;
  }

  /** Gives everything back. Idempotent. */
  release(): void {
    this.take(-this.held);
    this.held = 0;
  }
}
