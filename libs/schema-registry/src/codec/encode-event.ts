import type { EventType } from '@millrace/contracts';
import { compileEvent } from '../compiled-event';
import { InvalidEventError } from '../errors';
import { describeValue, maxProblems, toPointer } from '../payload-problem';
import type { PayloadProblem } from '../payload-problem';
import { frameBytes, writeFrame } from './framing';

const maxKeptScratchBytes = 1_048_576;
/** Shared by all encoders: encoding is synchronous, and the result is copied out. */
let scratch = Buffer.allocUnsafeSlow(16_384);

/** Frames and encodes a value; allocates the result and nothing else of its size. Throws InvalidEventError. */
export function encodeEvent(eventType: EventType, schemaId: number, value: unknown): Buffer {
  const { type } = compileEvent(eventType);
  let target = scratch;
  let end: number;
  try {
    end = type.encode(value, target, frameBytes);
    while (end < 0) {
      // A negative end says how many bytes are missing.
      target = Buffer.allocUnsafeSlow((target.length - end) * 2);
      end = type.encode(value, target, frameBytes);
    }
  } catch {
    // The thrown error quotes the value, so it is dropped: the checker finds every problem again, without values.
    throw new InvalidEventError(
      { topic: eventType.topic, type: eventType.type },
      findProblems(eventType, value),
    );
  }
  if (target.length <= maxKeptScratchBytes) scratch = target;
  const encoded = Buffer.allocUnsafe(end);
  target.copy(encoded, 0, 0, end);
  writeFrame(encoded, schemaId);
  return encoded;
}

/** Everything that keeps a value from being one of its event type (at most `maxProblems`). */
export function findProblems(eventType: EventType, value: unknown): PayloadProblem[] {
  const problems: PayloadProblem[] = [];
  compileEvent(eventType).type.isValid(value, {
    errorHook: (path: string[], part: unknown, type: unknown) => {
      if (problems.length >= maxProblems) return;
      problems.push({ path: toPointer(path), expected: expectedOf(type), got: describeValue(part) });
    },
  });
  return problems;
}

function expectedOf(type: unknown): string {
  const { expected, name, typeName } = type as { expected?: string; name?: string; typeName: string };
  return expected ?? name ?? typeName.replace('abstract:', '');
}
