import { toJson } from '@millrace/contracts';
import type { EventType } from '@millrace/contracts';
import { findProblems } from './codec/encode-event';
import { parseJsonPayload } from './compiled-event';
import { InvalidEventError } from './errors';

/**
 * The JSON text of a value of an event type, which `parseJsonPayload` reads back to the same value: for a way to the log that
 * keeps events as JSON. Throws InvalidEventError with every problem, undeclared fields among them.
 */
export function writeJsonPayload<T>(eventType: EventType<T>, value: T): string {
  const { topic, type } = eventType;
  const problems = findProblems(eventType, value);
  if (problems.length > 0) throw new InvalidEventError({ topic, type }, problems);
  const json = toJson(value);
  const parsed = parseJsonPayload(eventType, json);
  if (!parsed.ok) throw new InvalidEventError({ topic, type }, parsed.problems);
  return JSON.stringify(json);
}
