/** Where those wait who have more to write than may be pending: all of them go on once there is much room again. */
export class WaitingRoom {
  private waiting: (() => void)[] = [];

  constructor(private readonly hasRoom: () => boolean) {}

  /** Undefined when there is room; otherwise a promise that resolves when there is again. */
  room(): Promise<void> | undefined {
    if (this.hasRoom()) return undefined;
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** To be called whenever something is pending no more. */
  left(): void {
    if (this.waiting.length === 0 || !this.hasRoom()) return;
    for (const goOn of this.waiting.splice(0)) goOn();
  }
}
