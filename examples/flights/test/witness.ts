/** Notes what clients are shown, and what of it contradicts something that they were shown before. */
export class Witness {
  /** What a client was refused, or shown and must not have been. */
  readonly violations: string[] = [];
  private readonly highest = new Map<string, bigint>();

  object(what: string): void {
    this.violations.push(what);
  }

  /** Numbers of one name never go back. */
  see(name: string, value: bigint): void {
    const before = this.highest.get(name) ?? 0n;
    if (value < before) this.object(`${name} went back from ${before} to ${value}`);
    else this.highest.set(name, value);
  }

  /** Positions that one client is given, one answer after the other, never go back, nor are they before `atLeast`. */
  seePositions(client: string, positions: readonly string[], atLeast: readonly string[]): void {
    const offsets = new Map(positions.map(splitPosition));
    for (const [at, offset] of atLeast.map(splitPosition)) {
      if ((offsets.get(at) ?? -1n) < offset) {
        this.object(`${client} was answered from ${positions.join(', ')}, which is before ${at}/${offset}`);
      }
    }
    for (const [at, offset] of offsets) this.see(`${client}: ${at}`, offset);
  }
}

function splitPosition(position: string): [partition: string, offset: bigint] {
  const slash = position.lastIndexOf('/');
  return [position.slice(0, slash), BigInt(position.slice(slash + 1))];
}
