import { randomUUID } from 'node:crypto';
import type { EventAttributes } from '@millrace/event';
import { InvalidEnvelopeError } from './errors';
import type { EnvelopeProblem } from './errors';

/** An event as it came in: its attributes, and its data as parsed JSON. */
export interface IncomingEvent {
  readonly attributes: EventAttributes;
  readonly data: unknown;
}

type Attribute = 'id' | 'source' | 'time' | 'subject' | 'traceparent';
type Fields = Partial<Record<Attribute, unknown>>;

const KNOWN = new Set([
  'specversion',
  'type',
  'id',
  'source',
  'time',
  'subject',
  'datacontenttype',
  'traceparent',
  'data',
]);
const KNOWN_HEADERS = new Set(
  ['id', 'source', 'time', 'subject', 'type', 'specversion'].map((attribute) => `ce-${attribute}`),
);
const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-([0-9a-f]{2})$/;
const MAX_TEXT = 500;

interface AttributeDefaults {
  readonly source: string;
  /** Where an attribute stands, for problems. */
  readonly pathOf: (attribute: Attribute) => string;
}

/**
 * Checks an event's attributes and fills in what may be missing: a new id, the service's source, the present time.
 * @throws InvalidEnvelopeError with every problem at once, those already found included.
 */
function readAttributes(
  type: string,
  fields: Fields,
  defaults: AttributeDefaults,
  problems: EnvelopeProblem[],
): EventAttributes {
  const text = (
    name: Attribute,
    expected: string,
    isValid: (value: string) => boolean,
  ): string | undefined => {
    const value = fields[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string' && value.length > 0 && value.length <= MAX_TEXT && isValid(value))
      return value;
    const got = typeof value === 'string' ? `a string of ${value.length} characters` : typeof value;
    problems.push({ path: defaults.pathOf(name), expected, got });
    return undefined;
  };
  const anything = () => true;
  const id = text('id', `a string of 1 to ${MAX_TEXT} characters`, anything);
  const source = text(
    'source',
    `a URI reference of 1 to ${MAX_TEXT} characters`,
    (value) => !/\s/.test(value),
  );
  const subject = text('subject', `a string of 1 to ${MAX_TEXT} characters`, anything);
  const time = text('time', 'an RFC 3339 timestamp, such as 2001-01-01T12:00:00Z', isTimestamp);
  const traceparent = text('traceparent', 'a W3C traceparent', (value) => TRACEPARENT.test(value));
  if (problems.length > 0) throw new InvalidEnvelopeError(problems);
  return {
    id: id ?? randomUUID(),
    source: source ?? defaults.source,
    type,
    time: time === undefined ? new Date() : new Date(time),
    ...(subject === undefined ? {} : { subject }),
    ...(traceparent !== undefined && isSampled(traceparent) ? { traceparent } : {}),
  };
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Reads the attributes of a single event from the headers of its request: `ce-id`, `ce-source`, `ce-time`,
 * `ce-subject` and `traceparent`, each optional.
 * @throws InvalidEnvelopeError with every problem at once: also for attributes that would be lost, for a `ce-type`
 *   other than the event type, and for headers of the platform's own.
 */
export function readEventHeaders(type: string, headers: Headers, defaultSource: string): EventAttributes {
  const problems: EnvelopeProblem[] = [];
  const refuse = (name: string, expected: string): void => {
    problems.push({ path: `header ${name.slice(0, 60)}`, expected, got: 'something else' });
  };
  for (const name of Object.keys(headers)) {
    if (name.startsWith('millrace-')) refuse(name, 'no header that begins with millrace-');
    else if (name.startsWith('ce-') && !KNOWN_HEADERS.has(name)) refuse(name, 'no such attribute');
  }
  const { 'ce-type': ceType, 'ce-specversion': specversion } = headers;
  if (ceType !== undefined && ceType !== type) refuse('ce-type', 'the event type of the path');
  if (specversion !== undefined && specversion !== '1.0') refuse('ce-specversion', '1.0');
  const fields = {
    id: headers['ce-id'],
    source: headers['ce-source'],
    time: headers['ce-time'],
    subject: headers['ce-subject'],
    traceparent: headers['traceparent'],
  };
  const pathOf = (name: Attribute) => `header ${name === 'traceparent' ? name : `ce-${name}`}`;
  return readAttributes(type, fields, { source: defaultSource, pathOf }, problems);
}

/**
 * Reads one event of a stream: a CloudEvent in JSON, of which only `type` and `data` are required.
 * @throws InvalidEnvelopeError when it is no such object, or has attributes that would be lost.
 */
export function readEventObject(json: unknown, defaultSource: string): IncomingEvent {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    const got = Array.isArray(json) ? 'array' : json === null ? 'null' : typeof json;
    throw new InvalidEnvelopeError([{ path: '', expected: 'an event object with type and data', got }]);
  }
  const fields = json as Record<string, unknown>;
  const problems: EnvelopeProblem[] = Object.keys(fields)
    .filter((name) => !KNOWN.has(name))
    .map((name) => ({
      path: `/${name.slice(0, 60)}`,
      expected: 'no such attribute',
      got: typeof fields[name],
    }));
  const { type, data, specversion, datacontenttype } = fields;
  if (typeof type !== 'string')
    problems.push({ path: '/type', expected: 'the name of an event type', got: typeof type });
  if (data === undefined) problems.push({ path: '/data', expected: 'the payload', got: 'nothing' });
  if (specversion !== undefined && specversion !== '1.0') {
    problems.push({
      path: '/specversion',
      expected: '"1.0"',
      got: typeof specversion === 'string' ? 'another version' : typeof specversion,
    });
  }
  if (datacontenttype !== undefined && datacontenttype !== 'application/json') {
    problems.push({ path: '/datacontenttype', expected: 'application/json', got: 'something else' });
  }
  const defaults = { source: defaultSource, pathOf: (name: Attribute) => `/${name}` };
  return {
    attributes: readAttributes(typeof type === 'string' ? type : '', fields, defaults, problems),
    data,
  };
}

function isTimestamp(text: string): boolean {
  return RFC_3339.test(text) && !Number.isNaN(Date.parse(text));
}

function isSampled(traceparent: string): boolean {
  return (Number.parseInt(TRACEPARENT.exec(traceparent)?.[1] ?? '0', 16) & 1) === 1;
}
