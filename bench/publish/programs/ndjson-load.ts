/** The load of the stream figures: sends the lines of flights over HTTP, and reads an answer for each. */
import { once } from 'node:events';
import { request } from 'node:http';
import { serveRounds } from '../../program';
import { flightLines } from '../../flights';

interface NdjsonInput {
  readonly url: string;
  readonly events: number;
  /** Requests at once; each has its share of the lines. */
  readonly streams: number;
  /** Gives the events of each round ids of its own. Default: the same events each time. */
  readonly fresh?: boolean;
}

const CHUNK_BYTES = 65_536;

await serveRounds(async ({ url, events, streams, fresh = false }: NdjsonInput) => {
  const lines = await flightLines(events);
  const share = Math.ceil(events / streams);
  const bodiesOf = (ofLine: (line: string) => string): Buffer[][] =>
    Array.from({ length: streams }, (_, index) =>
      toChunks(lines.slice(index * share, (index + 1) * share).map(ofLine)),
    );
  const same = bodiesOf((line) => line);
  let round = 0;
  return async () => {
    round += 1;
    const bodies = fresh ? bodiesOf((line) => line.replace('"id":"', `"id":"${round}-`)) : same;
    const startedAt = performance.now();
    const published = await Promise.all(bodies.map((chunks) => publish(url, chunks)));
    const seconds = (performance.now() - startedAt) / 1_000;
    const total = published.reduce((sum, each) => sum + each, 0);
    if (total !== events) throw new Error(`${total} of ${events} events were published`);
    return { rate: events / seconds };
  };
});

function toChunks(lines: readonly string[]): Buffer[] {
  const chunks: Buffer[] = [];
  let text = '';
  for (const line of lines) {
    text += `${line}\n`;
    if (text.length < CHUNK_BYTES) continue;
    chunks.push(Buffer.from(text));
    text = '';
  }
  if (text !== '') chunks.push(Buffer.from(text));
  return chunks;
}

async function publish(url: string, chunks: readonly Buffer[]): Promise<number> {
  const outgoing = request(`${url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
  });
  const summary = new Promise<number>((resolve, reject) => {
    outgoing.once('error', reject).once('response', (response) => {
      let last: Buffer = Buffer.alloc(0);
      response
        .on('data', (chunk: Buffer) => {
          last = chunk.length > 200 ? chunk : Buffer.concat([last.subarray(-200), chunk]);
        })
        .once('error', reject)
        .once('end', () => {
          const text = last.toString().trimEnd();
          const line = text.slice(text.lastIndexOf('\n') + 1);
          const answer = JSON.parse(line) as { summary?: { published: number } };
          if (answer.summary === undefined) reject(new Error(`no summary: ${line}`));
          else resolve(answer.summary.published);
        });
    });
  });
  for (const chunk of chunks) {
    if (!outgoing.write(chunk)) await once(outgoing, 'drain');
  }
  outgoing.end();
  return summary;
}
