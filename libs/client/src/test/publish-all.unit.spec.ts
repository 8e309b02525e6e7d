import { eventOf, publishAll } from '../index';
import type { EventToPublish } from '../index';
import { invalid, written } from './scripted-producer';
import type { Reply } from './scripted-producer';
import { Reading } from './trial-events';
import { useTrialPublisher } from './trial-publisher';

const LIMIT = 20;

describe('publishAll', () => {
  const trial = useTrialPublisher();
  const open = (...script: readonly Reply[]) => trial.open(script, { maxPendingEvents: LIMIT });

  let taken = 0;
  function* events(count: number): Generator<EventToPublish> {
    for (taken = 0; taken < count; taken++) yield eventOf(Reading, { meter: 'm' }, { id: `e${taken}` });
  }

  it('publishes any number in order, and takes no more than there is room for', async () => {
    await open();
    let most = 0;
    const places: string[] = [];
    const counts = await publishAll(trial.publisher, events(1_000), {
      onPublished({ position }) {
        places.push(position);
        most = Math.max(most, taken - places.length);
      },
    });
    expect(counts).toEqual({ published: 1_000, failed: 0 });
    expect(trial.producer.log).toEqual(Array.from({ length: 1_000 }, (_, index) => `e${index}`));
    expect(places).toEqual(Array.from({ length: 1_000 }, (_, index) => `flights/0/${index}`));
    expect(most).toBeLessThanOrEqual(LIMIT);
  });

  it('takes no more after the first failure, and throws it when the others have their outcome', async () => {
    await open({ events: [written, invalid] });
    const published: string[] = [];
    const work = publishAll(trial.publisher, events(1_000), { onPublished: ({ id }) => published.push(id) });
    await expect(work).rejects.toMatchObject({ code: 'PUBLISH_REFUSED', context: { id: 'e1' } });
    expect(taken).toBeLessThanOrEqual(2 * LIMIT);
    expect(published).toEqual(trial.producer.log);
  });

  it('goes on when it is told of each failure', async () => {
    await open({ events: [invalid, written, invalid] });
    const failed: string[] = [];
    const counts = await publishAll(trial.publisher, events(50), {
      onFailed: (_error, { options }) => failed.push(String(options?.id)),
    });
    expect(counts).toEqual({ published: 48, failed: 2 });
    expect(failed).toEqual(['e0', 'e2']);
  });

  it('throws what a callback throws', async () => {
    await open();
    const onPublished = () => {
      throw new Error('a disk is full');
    };
    await expect(publishAll(trial.publisher, events(50), { onPublished })).rejects.toThrow('a disk is full');
  });

  it('ends when its signal aborts', async () => {
    await open('silent');
    const aborting = new AbortController();
    const work = publishAll(trial.publisher, events(1_000), { signal: aborting.signal });
    setTimeout(() => aborting.abort(), 20);
    await expect(work).rejects.toMatchObject({ code: 'PUBLISH_ABORTED' });
  });
});
