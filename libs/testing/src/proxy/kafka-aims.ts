import { Aim } from './aim';
import type { AimHandle, AimOptions } from './aim';
import type { KafkaRequest } from './kafka-request';

/** What can be done to a request on its way to the broker. */
export type RequestFault =
  { readonly kind: 'delay'; readonly ms: number } | { readonly kind: 'reset'; readonly when: ResetWhen };

/** What can be done to a response on its way to the client. */
export type ResponseFault =
  { readonly kind: 'delay'; readonly ms: number } | { readonly kind: 'drop'; readonly andThen: AfterDrop };

/** `before-forward`: the broker never gets the request. `after-forward`: it does, and works on it. */
export type ResetWhen = 'before-forward' | 'after-forward';

/** What becomes of the connection: RST to both sides, or open with nothing coming back any more. */
export type AfterDrop = 'reset' | 'hang';

interface Armed<Fault> {
  readonly aim: Aim;
  readonly fault: Fault;
}

/** A fault that hit; whoever carries it out says when it happened. */
export interface Hit<Fault> {
  readonly fault: Fault;
  happened(): void;
}

/** The aims that are set now, for all connections of a proxy together. */
export class KafkaAims {
  private requests: Armed<RequestFault>[] = [];
  private responses: Armed<ResponseFault>[] = [];

  constructor(private readonly random: () => number) {}

  atRequests(options: AimOptions, fault: RequestFault): AimHandle {
    const aim = new Aim(options, this.random);
    this.requests.push({ aim, fault });
    return handleOf(aim, () => (this.requests = this.requests.filter((each) => each.aim !== aim)));
  }

  atResponses(options: AimOptions, fault: ResponseFault): AimHandle {
    const aim = new Aim(options, this.random);
    this.responses.push({ aim, fault });
    return handleOf(aim, () => (this.responses = this.responses.filter((each) => each.aim !== aim)));
  }

  /** The first aim that hits; those after it are not asked. */
  forRequest(request: KafkaRequest): Hit<RequestFault> | undefined {
    return firstHit(this.requests, request);
  }

  forResponse(request: KafkaRequest): Hit<ResponseFault> | undefined {
    return firstHit(this.responses, request);
  }

  clear(): void {
    this.requests = [];
    this.responses = [];
  }
}

function firstHit<Fault>(armed: readonly Armed<Fault>[], request: KafkaRequest): Hit<Fault> | undefined {
  const found = armed.find(({ aim }) => aim.hit(request));
  if (found === undefined) return undefined;
  return { fault: found.fault, happened: () => void (found.aim.happened += 1) };
}

function handleOf(aim: Aim, end: () => void): AimHandle {
  return {
    get happened() {
      return aim.happened;
    },
    end,
  };
}
