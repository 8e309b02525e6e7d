import { randomUUID } from 'node:crypto';
import {
  isAttributeText,
  isExtensionName,
  isSampledTrace,
  isTraceparent,
  maxAttributeLength,
  parseUtcTime,
} from '@millrace/event';
import type { EventAttributes } from '@millrace/event';
import { InvalidEnvelopeError } from './errors';
import type { EnvelopeProblem } from './errors';

export interface AttributeRules {
  /** Of events that come without a source. */
  readonly defaultSource: string;
  /** Extension attributes of one event, `dataschema` included. */
  readonly maxExtensions: number;
  /** Their names and values together, in UTF-8. */
  readonly maxExtensionBytes: number;
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;
const MAX_INTEGER = 2_147_483_647;

/**
 * Takes the attributes of one event, in any order and from any form, and gives them checked and filled up. All problems are
 * found before it throws.
 */
export class AttributeReader {
  readonly problems: EnvelopeProblem[] = [];
  private id: string | undefined;
  private source: string | undefined;
  private subject: string | undefined;
  private time: Date | undefined;
  private traceparent: string | undefined;
  private extensions: Record<string, string> | undefined;
  private extensionCount = 0;
  private extensionBytes = 0;

  constructor(
    private readonly rules: AttributeRules,
    /** What stands before an attribute's name in a problem's path. */
    private readonly prefix: string,
  ) {}

  /** A value of `null` is none, as CloudEvents' JSON format says. */
  take(name: string, value: unknown): void {
    if (value === undefined || value === null) return;
    switch (name) {
      case 'id':
        this.id = this.text(name, value, `a string of 1 to ${maxAttributeLength} characters`);
        break;
      case 'source':
        this.source = this.text(name, value, `a URI reference of 1 to ${maxAttributeLength} characters`);
        if (this.source?.includes(' ') === true)
          this.refuse(name, 'a URI reference without spaces', 'a space');
        break;
      case 'subject':
        this.subject = this.text(name, value, `a string of 1 to ${maxAttributeLength} characters`);
        break;
      case 'time':
        this.time = this.timestamp(value);
        break;
      default:
        this.takeExtension(name, value);
    }
  }

  /** The trace of the request, for a form in which a request is one event. */
  takeTrace(traceparent: string): void {
    if (isTraceparent(traceparent)) this.traceparent = traceparent;
    else
      this.problems.push({
        path: 'header traceparent',
        expected: 'a W3C traceparent',
        got: 'something else',
      });
  }

  refuse(name: string, expected: string, got: string): undefined {
    this.problems.push({ path: `${this.prefix}${name.slice(0, 60)}`, expected, got });
  }

  /** A new id, the service's source and the present time, where the event has none. @throws InvalidEnvelopeError */
  finish(type: string): EventAttributes {
    if (this.problems.length > 0) throw new InvalidEnvelopeError(this.problems);
    const { subject, extensions } = this;
    const traceparent = this.traceparent ?? extensions?.['traceparent'];
    const attributes: Mutable<EventAttributes> = {
      id: this.id ?? randomUUID(),
      source: this.source ?? this.rules.defaultSource,
      type,
      time: this.time ?? new Date(),
    };
    if (subject !== undefined) attributes.subject = subject;
    if (traceparent !== undefined && isSampledTrace(traceparent)) attributes.traceparent = traceparent;
    if (extensions !== undefined) attributes.extensions = extensions;
    return attributes;
  }

  private text(name: string, value: unknown, expected: string): string | undefined {
    if (typeof value !== 'string') return this.refuse(name, expected, typeof value);
    if (value.length === 0 || value.length > maxAttributeLength) {
      return this.refuse(name, expected, `a string of ${value.length} characters`);
    }
    if (!isAttributeText(value)) return this.refuseCharacters(name);
    return value;
  }

  private timestamp(value: unknown): Date | undefined {
    const expected = 'an RFC 3339 timestamp, such as 2001-01-01T12:00:00Z';
    const text = this.text('time', value, expected);
    if (text === undefined) return undefined;
    const ms = parseUtcTime(text) ?? parseTime(text);
    if (!Number.isNaN(ms)) return new Date(ms);
    return this.refuse('time', expected, `a string of ${text.length} characters`);
  }

  /** Takes one that can only be an extension. */
  takeExtension(name: string, value: unknown): undefined {
    if (name.startsWith('millrace-')) return this.refuse(name, 'no name that begins with millrace-', 'one');
    if (!isExtensionName(name)) {
      return this.refuse(
        name,
        'an extension attribute, named by 1 to 50 characters a-z and 0-9',
        'another name',
      );
    }
    const text = extensionText(value);
    if (text === undefined)
      return this.refuse(name, 'a string, a boolean or a whole number of 32 bits', typeof value);
    if (!isAttributeText(text)) return this.refuseCharacters(name);
    if (name === 'traceparent' && !isTraceparent(text)) {
      return this.refuse(name, 'a W3C traceparent', 'something else');
    }
    const { maxExtensions, maxExtensionBytes } = this.rules;
    this.extensionCount += 1;
    this.extensionBytes += name.length + Buffer.byteLength(text);
    if (this.extensionCount === maxExtensions + 1) {
      this.refuse(name, `at most ${maxExtensions} extension attributes`, 'more');
    }
    if (this.extensionBytes > maxExtensionBytes) {
      return this.refuse(name, `extension attributes of at most ${maxExtensionBytes} bytes in all`, 'more');
    }
    (this.extensions ??= {})[name] = text;
  }

  private refuseCharacters(name: string): undefined {
    this.refuse(name, 'whole Unicode characters, none of them a control character', 'others');
  }
}

/** Any form of RFC 3339, in milliseconds since 1970; not a number for a text of no form, or a day that does not exist. */
function parseTime(text: string): number {
  const hasDay = RFC_3339.test(text) && parseUtcTime(`${text.slice(0, 10)}T00:00:00Z`) !== undefined;
  return hasDay ? new Date(text).getTime() : Number.NaN;
}

/** CloudEvents 1.0.2, section "Type system": the canonical texts. */
function extensionText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  const isInteger = typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= MAX_INTEGER;
  return isInteger ? String(value) : undefined;
}
