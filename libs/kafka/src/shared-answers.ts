/**
 * Lets those who ask the same at about the same time share one answer, as the partitions of a topic do that are opened
 * together. An answer is never older than the question: who asks while one is under way gets the next, with everybody else
 * who asks until that one begins. So at most one of a kind is under way, however many ask. A failure is shared too, and
 * nothing is kept.
 */
export class SharedAnswers<Answer> {
  private readonly underWay = new Map<string, Promise<Answer>>();
  /** What has not begun yet. */
  private readonly next = new Map<string, Promise<Answer>>();

  /** Gives the answer to `ask`, or to the call of another who asked about the same. @throws what that call throws */
  give(about: string, ask: () => Promise<Answer>): Promise<Answer> {
    const joined = this.next.get(about);
    if (joined !== undefined) return joined;
    const answer = this.after(this.underWay.get(about), () => {
      this.next.delete(about);
      this.underWay.set(about, answer);
      return ask().finally(() => this.underWay.delete(about));
    });
    this.next.set(about, answer);
    return answer;
  }

  private async after(before: Promise<Answer> | undefined, begin: () => Promise<Answer>): Promise<Answer> {
    await before?.catch(() => undefined);
    return begin();
  }
}
