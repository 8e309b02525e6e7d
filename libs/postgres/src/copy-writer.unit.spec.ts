import { CopyWriter } from './copy-writer';

describe('rows in the binary format of COPY', () => {
  it('come in chunks, whose bytes nothing written later changes', () => {
    const writer = new CopyWriter();
    const text = 'x'.repeat(1_000_000);
    writer.row(2);
    writer.text(text);
    writer.integer(-2);
    const first = writer.fullChunk();
    writer.row(1);
    writer.null();
    const last = writer.lastChunk();
    // 11 of signature, 8 of header, 2 for the count, then a length before each value.
    expect(first?.length).toBe(11 + 8 + 2 + 4 + text.length + 4 + 4);
    expect(first?.subarray(-8).toString('hex')).toBe('00000004fffffffe');
    expect(last.toString('hex')).toBe('0001ffffffffffff');
    expect(new CopyWriter().fullChunk()).toBeUndefined();
  });
});
