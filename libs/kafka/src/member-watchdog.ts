/**
 * Notices a member of a group that has stalled: kafkajs can end up in a state in which it neither joins nor sends
 * heartbeats and says nothing (tulios/kafkajs#659). Whoever joins or beats gives a sign; who has given none for so long is
 * silent, and is reported once.
 */
export class MemberWatchdog {
  private readonly timer: NodeJS.Timeout;
  private lastSignAt = performance.now();

  constructor(silentMs: number, onSilent: (reason: string) => void) {
    this.timer = setInterval(() => {
      const silentForMs = performance.now() - this.lastSignAt;
      if (silentForMs < silentMs) return;
      this.stop();
      onSilent(`the member has neither joined nor sent a heartbeat for ${Math.round(silentForMs / 1_000)} s`);
    }, silentMs / 4);
  }

  sign(): void {
    this.lastSignAt = performance.now();
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
