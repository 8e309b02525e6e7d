import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { publishStream } from './publish-stream';

/** Acknowledges every line in one of six partitions, in the producer's words. */
async function startAcknowledging(): Promise<{ server: Server; producerUrl: string }> {
  const server = createServer((request, response) => {
    let line = 0;
    request.setEncoding('utf8').on('data', (text: string) => {
      let answer = '';
      for (let ends = text.split('\n').length - 1; ends > 0; ends--) {
        line += 1;
        answer += `{"line":${line},"id":"e${line}","position":"flights/${line % 6}/${line}"}\n`;
      }
      response.write(answer);
    });
    request.on('end', () => response.end(`{"summary":{"published":${line},"refused":0}}\n`));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, producerUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function* lines(count: number): Generator<string> {
  for (let line = 0; line < count; line++) yield 'x'.repeat(1_000);
}

describe('publishStream', () => {
  let server: Server;
  let producerUrl: string;

  beforeAll(async () => {
    ({ server, producerUrl } = await startAcknowledging());
  });

  afterAll(() => {
    server.close();
  });

  it('gives the last position of each partition', async () => {
    const seen: number[] = [];
    const options = {
      producerUrl,
      onProgress: (done: number) => seen.push(done),
      signal: new AbortController().signal,
    };
    const { published, positions } = await publishStream(lines(8), options);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(published).toBe(8);
    expect([...positions].sort()).toEqual([
      'flights/0/6',
      'flights/1/7',
      'flights/2/8',
      'flights/3/3',
      'flights/4/4',
      'flights/5/5',
    ]);
  });

  it('does not keep what it has sent', async () => {
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const onProgress = (done: number) => {
      if (done % 1_000 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    };
    const signal = new AbortController().signal;
    await publishStream(lines(200_000), { producerUrl, onProgress, signal });
    // 200 MB were sent; what is garbage already does not grow with that.
    expect(most / 2 ** 20).toBeLessThan(100);
  });
});
