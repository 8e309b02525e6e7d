/** Publishes typed events for a service, with order, retries and known outcomes. */
export { AbortListeners } from './abort-listeners';
export {
  isPublishError,
  PublishAbortedError,
  PublishDeadlineError,
  PublisherClosedError,
  PublisherFullError,
  PublishOvertakenError,
  PublishRefusedError,
} from './errors';
export type { EventName, Problem, PublishError, PublishOutcome } from './errors';
export { httpPublisher } from './http/http-publisher';
export type { HttpPublisherOptions } from './http/http-publisher';
export { eventOf, publishAll } from './publish-all';
export type { EventToPublish, PublishAllOptions } from './publish-all';
export type { CloseOptions, EventOptions, Published, Publisher, PublishOptions } from './publisher';
export { stampEvent } from './stamp-event';
export type { StampedEvent } from './stamp-event';
