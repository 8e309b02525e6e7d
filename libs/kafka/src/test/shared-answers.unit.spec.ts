import { SharedAnswers } from '../shared-answers';

describe('shared answers', () => {
  /** What was asked, in order; answered by hand. */
  function trial() {
    const asked: PromiseWithResolvers<string>[] = [];
    const answers = new SharedAnswers<string>();
    const ask = (about = 'orders') =>
      answers.give(about, () => {
        const question = Promise.withResolvers<string>();
        asked.push(question);
        return question.promise;
      });
    return { asked, ask };
  }
  /** What follows from what has happened has happened, too. */
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('take one question for all who ask at the same time', async () => {
    const { asked, ask } = trial();
    const all = Promise.all(Array.from({ length: 200 }, () => ask()));
    await settled();
    expect(asked).toHaveLength(1);
    asked[0]!.resolve('first');
    expect(new Set(await all)).toEqual(new Set(['first']));
  });

  it('are never older than the question: who asks while one is under way gets the next', async () => {
    const { asked, ask } = trial();
    const early = ask();
    await settled();
    const late = [ask(), ask()];
    await settled();
    expect(asked).toHaveLength(1);
    asked[0]!.resolve('before');
    expect(await early).toBe('before');
    await settled();
    expect(asked).toHaveLength(2);
    asked[1]!.resolve('after');
    expect(await Promise.all(late)).toEqual(['after', 'after']);
  });

  it('are kept for nobody who asks later', async () => {
    const { asked, ask } = trial();
    for (const [turn, text] of ['first', 'second'].entries()) {
      const answer = ask();
      await settled();
      asked[turn]!.resolve(text);
      expect(await answer).toBe(text);
    }
  });

  it('fail for those who shared the question, and for nobody else', async () => {
    const { asked, ask } = trial();
    const together = Promise.allSettled([ask(), ask()]);
    await settled();
    const late = ask();
    asked[0]!.reject(new Error('nobody answers'));
    expect((await together).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await settled();
    asked[1]!.resolve('it is back');
    expect(await late).toBe('it is back');
  });

  it('are asked for side by side where they are about different things', async () => {
    const { asked, ask } = trial();
    const answers = [ask('orders'), ask('parcels')];
    await settled();
    asked[1]!.resolve('parcels');
    asked[0]!.resolve('orders');
    expect(await Promise.all(answers)).toEqual(['orders', 'parcels']);
  });
});
