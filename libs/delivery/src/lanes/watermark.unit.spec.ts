import * as fc from 'fast-check';
import { Watermark } from './watermark';

/** The definition, word for word: every offset from the start on that is no unfinished record is done. */
class NaiveWatermark {
  private readonly records: { readonly offset: bigint; finished: boolean }[] = [];

  constructor(private readonly start: bigint) {}

  begin(offset: bigint): void {
    this.records.push({ offset, finished: false });
  }

  get underWay(): bigint[] {
    return this.records.filter(({ finished }) => !finished).map(({ offset }) => offset);
  }

  finish(offset: bigint): void {
    for (const record of this.records) if (record.offset === offset) record.finished = true;
  }

  get position(): bigint {
    const last = this.records.at(-1);
    return this.underWay[0] ?? (last === undefined ? this.start : last.offset + 1n);
  }

  get ahead(): number {
    return this.records.filter(({ offset }) => offset >= this.position).length;
  }
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('begin' as const), gap: fc.oneof(fc.constant(0), fc.nat(5)) }),
  fc.record({ kind: fc.constant('finish' as const), which: fc.nat(1_000) }),
);

describe('the watermark of a partition', () => {
  it('is what its definition says, whatever gaps the log has and in whatever order records end', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 60n }),
        fc.array(step, { maxLength: 300 }),
        (start, steps) => {
          const watermark = new Watermark(start);
          const model = new NaiveWatermark(start);
          let next = start;
          for (const one of steps) {
            const before = watermark.position;
            if (one.kind === 'begin') {
              const offset = next + BigInt(one.gap);
              watermark.begin(offset);
              model.begin(offset);
              next = offset + 1n;
            } else {
              const { underWay } = model;
              if (underWay.length === 0) continue;
              const offset = underWay[one.which % underWay.length]!;
              watermark.finish(offset);
              model.finish(offset);
            }
            expect(watermark.position).toBe(model.position);
            expect(watermark.ahead).toBe(model.ahead);
            expect(watermark.position).toBeGreaterThanOrEqual(before);
          }
        },
      ),
    );
  });

  it('stands at the record that does not end, and passes all that ended meanwhile at once', () => {
    const watermark = new Watermark(5n);
    for (const offset of [5n, 9n, 10n]) watermark.begin(offset);
    watermark.finish(9n);
    watermark.finish(10n);
    expect(watermark.position).toBe(5n);
    expect(watermark.ahead).toBe(3);
    watermark.finish(5n);
    expect(watermark.position).toBe(11n);
    expect(watermark.ahead).toBe(0);
  });

  it('refuses offsets that do not rise', () => {
    const watermark = new Watermark(5n);
    expect(() => watermark.begin(4n)).toThrow('offset 4 was begun: expected 5 or more');
    watermark.begin(7n);
    expect(() => watermark.begin(7n)).toThrow('expected 8 or more');
  });

  it('refuses to finish what is not under way', () => {
    const watermark = new Watermark(5n);
    watermark.begin(7n);
    expect(() => watermark.finish(6n)).toThrow('offset 6 was finished: it was not begun');
    watermark.finish(7n);
    expect(() => watermark.finish(7n)).toThrow(RangeError);
    expect(watermark.position).toBe(8n);
  });

  // Quadratic work would take minutes, and meet the test's deadline.
  it('does not slow down behind a record that does not end', () => {
    const watermark = new Watermark(0n);
    const count = 200_000n;
    for (let offset = 0n; offset < count; offset++) watermark.begin(offset);
    let passed = 0n;
    for (let offset = count - 1n; offset > 0n; offset--) {
      watermark.finish(offset);
      passed += watermark.position;
    }
    expect(passed).toBe(0n);
    watermark.finish(0n);
    expect(watermark.position).toBe(count);
  });
});
