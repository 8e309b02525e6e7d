import type { IncomingMessage } from 'node:http';
import type { EventAttributes } from '@millrace/event';
import { AttributeReader } from './attributes';
import type { AttributeRules } from './attributes';
import { InvalidEnvelopeError } from './errors';
import type { EnvelopeProblem } from './errors';

const PREFIX = 'ce-';
const PLATFORM = 'millrace-';
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/**
 * Reads the attributes of one event from the headers of its request, the CloudEvents HTTP binding's binary mode. Each is
 * optional, but for the type: `type` is that of the path, or undefined when `ce-type` has to say it.
 * @throws InvalidEnvelopeError with every problem at once.
 */
export function readEventHeaders(
  type: string | undefined,
  { rawHeaders }: IncomingMessage,
  rules: AttributeRules,
): EventAttributes {
  const reader = new AttributeReader(rules, 'header ce-');
  const seen = new Set<string>();
  let ceType: string | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const header = (rawHeaders[index] ?? '').toLowerCase();
    if (header === 'traceparent') reader.takeTrace(rawHeaders[index + 1] ?? '');
    if (header.startsWith(PLATFORM)) reader.problems.push(platformHeader(header));
    if (!header.startsWith(PREFIX)) continue;
    const name = header.slice(PREFIX.length);
    // Node would join them with a comma: another value than any that was sent.
    if (seen.has(name)) reader.refuse(name, 'one header of that name', 'two');
    seen.add(name);
    const value = decodeHeaderValue(rawHeaders[index + 1] ?? '');
    if (value === undefined)
      reader.refuse(name, 'printable ASCII with other characters percent-encoded in UTF-8', 'others');
    else if (name === 'type') ceType = value;
    else if (name !== 'specversion') reader.take(name, value);
    else if (value !== '1.0') reader.refuse(name, '1.0', 'something else');
  }
  if (type === undefined && ceType === undefined)
    reader.refuse('type', 'the name of an event type', 'nothing');
  if (type !== undefined && ceType !== undefined && type !== ceType) {
    reader.refuse('type', 'the event type of the path', 'another');
  }
  return reader.finish(type ?? ceType ?? '');
}

/**
 * Refuses names that are the platform's own, for the forms whose attributes do not stand in headers.
 * @throws InvalidEnvelopeError
 */
export function refusePlatformHeaders({ rawHeaders }: IncomingMessage): void {
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  const platform = names.filter(
    (name) => name.startsWith(PLATFORM) || name.startsWith(`${PREFIX}${PLATFORM}`),
  );
  if (platform.length > 0) throw new InvalidEnvelopeError(platform.map(platformHeader));
}

function platformHeader(name: string): EnvelopeProblem {
  return {
    path: `header ${name.slice(0, 60)}`,
    expected: `no header that begins with ${PLATFORM}`,
    got: 'one',
  };
}

/**
 * The value of an attribute from its header: quoted strings unescaped, then percent-decoded once. Undefined when that is not
 * possible. Source: CloudEvents 1.0.2, HTTP protocol binding, section 3.1.3.2.
 */
export function decodeHeaderValue(header: string): string | undefined {
  if (!PRINTABLE_ASCII.test(header)) return undefined;
  const text = header.includes('"') ? header.replace(/"((?:[^"\\]|\\.)*)"/g, unquote) : header;
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function unquote(_quoted: string, inner: string): string {
  return inner.replace(/\\(.)/g, '$1');
}
