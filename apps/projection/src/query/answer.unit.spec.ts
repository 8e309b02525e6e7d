import type { FastifyReply } from 'fastify';
import { sendAnswer } from './answer';

/** A reply that keeps what it is given. */
function reply() {
  const sent = { status: 200, headers: {} as Record<string, string>, body: undefined as string | undefined };
  const kept = {
    header: (name: string, value: string) => {
      sent.headers[name] = value;
      return kept;
    },
    status: (status: number) => {
      sent.status = status;
      return kept;
    },
    send: (body?: string) => {
      sent.body = body;
      return kept;
    },
  };
  return { sent, reply: kept as unknown as FastifyReply };
}

function answered(content: object, positions: readonly string[], known?: string) {
  const { sent, reply: kept } = reply();
  sendAnswer(kept, { content: content as Record<string, unknown>, positions, known });
  return sent;
}

describe('an answer', () => {
  it('has a weak tag of its content, which the positions do not change', () => {
    const a = answered({ row: 1 }, ['trial/0/1']);
    expect(a.headers['etag']).toMatch(/^W\/"[\w-]{22}"$/);
    expect(JSON.parse(a.body!)).toEqual({ row: 1, positions: ['trial/0/1'] });
    expect(answered({ row: 1 }, ['trial/0/2']).headers['etag']).toBe(a.headers['etag']);
    expect(answered({ row: 2 }, ['trial/0/1']).headers['etag']).not.toBe(a.headers['etag']);
  });

  it.each([
    ['the tag', (tag: string) => tag, 304],
    ['the tag without its mark of weakness', (tag: string) => tag.slice(2), 304],
    ['the tag among others', (tag: string) => `"a" ,  ${tag}`, 304],
    ['any tag', () => '*', 304],
    ['another tag', () => 'W/"another"', 200],
    ['the tag without quotes', (tag: string) => tag.slice(3, -1), 200],
  ])('to somebody who has %s is left out, or not', (_what, given, status) => {
    const tag = answered({ row: 1 }, []).headers['etag']!;
    const again = answered({ row: 1 }, ['trial/0/9'], given(tag));
    expect(again.status).toBe(status);
    expect(again.body === undefined).toBe(status === 304);
    expect(again.headers['millrace-positions']).toBe('trial/0/9');
  });

  it('says so when its positions are too long for a header, and is then never left out', () => {
    const positions = Array.from({ length: 300 }, (_, partition) => `a-topic-of-some-length/${partition}/1`);
    const { etag } = answered({ row: 1 }, positions).headers;
    const again = answered({ row: 1 }, positions, etag);
    expect(again.status).toBe(200);
    expect(again.headers['millrace-positions']).toBeUndefined();
    expect(again.headers['millrace-positions-omitted']).toMatch(
      /^300 positions, \d+ bytes; they are in the body$/,
    );
    expect((JSON.parse(again.body!) as { positions: unknown }).positions).toEqual(positions);
  });
});
