import { murmur2, partitionFor } from './index';

describe('the partition of a key', () => {
  // From Kafka's own UtilsTest.testMurmur2.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %j as the Java client does', (key, expected) => {
    expect(murmur2(Buffer.from(key))).toBe(expected);
  });

  it('is never negative, also for a negative hash', () => {
    expect(partitionFor(Buffer.from('21'), 6)).toBe((-973932308 & 0x7fffffff) % 6);
  });
});
