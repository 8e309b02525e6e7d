/** The parameters of one statement, in the order of their numbers. */
export class Parameters {
  private readonly given: unknown[] = [];

  get values(): readonly unknown[] {
    return this.given;
  }

  /** Gives what stands for the value in the statement, with its type. */
  add(value: unknown, type: string): string {
    this.given.push(value);
    return `$${this.given.length}::${type}`;
  }
}
