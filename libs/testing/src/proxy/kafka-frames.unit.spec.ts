import fc from 'fast-check';
import { KafkaFrames } from './kafka-frames';
import { UnreadableFrameError } from './unreadable-frame-error';

function frameOf(body: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** Cuts at these places, in any order and as often as they say; a place beyond the end is no cut. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [
    0,
    ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b),
    bytes.length,
  ];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

describe('Kafka’s frames', () => {
  it('are the same however the bytes arrive', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 }),
        fc.uint8Array({ maxLength: 30 }),
        fc.array(fc.nat(600), { maxLength: 60 }),
        (bodies, unfinished, places) => {
          const frames = bodies.map(frameOf);
          const rest = frameOf(unfinished).subarray(0, -1);
          const reader = new KafkaFrames();
          const read = cut(Buffer.concat([...frames, rest]), places).flatMap((chunk) => reader.take(chunk));
          expect(read.map((frame) => frame.toString('hex'))).toEqual(frames.map((f) => f.toString('hex')));
          expect(reader.takeRest().toString('hex')).toBe(rest.toString('hex'));
        },
      ),
    );
  });

  it('are read byte by byte as well as all at once', () => {
    const stream = Buffer.concat([
      frameOf(Buffer.from('one')),
      frameOf(Buffer.alloc(0)),
      frameOf(Buffer.from('two')),
    ]);
    const reader = new KafkaFrames();
    const one = [...stream].flatMap((byte) => reader.take(Buffer.of(byte)));
    expect(one).toEqual(new KafkaFrames().take(stream));
    expect(one.map((frame) => frame.subarray(4).toString())).toEqual(['one', '', 'two']);
  });

  it.each([
    ['a negative length', Buffer.from([0xff, 0xff, 0xff, 0xff])],
    ['the start of a TLS handshake', Buffer.from([0x16, 0x03, 0x01, 0x02])],
  ])('are refused at %s', (_what, bytes) => {
    expect(() => new KafkaFrames().take(bytes)).toThrow(UnreadableFrameError);
  });
});
