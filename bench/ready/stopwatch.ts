/** Seconds since it was made, and where they went. */
export class Stopwatch {
  private readonly started = process.hrtime.bigint();
  private last = this.started;
  readonly laps: { readonly name: string; readonly seconds: number }[] = [];

  lap(name: string): void {
    const now = process.hrtime.bigint();
    this.laps.push({ name, seconds: Number(now - this.last) / 1e9 });
    this.last = now;
  }

  /** Seconds since it was made. */
  get now(): number {
    return Number(process.hrtime.bigint() - this.started) / 1e9;
  }

  /** Seconds until the last lap. */
  get seconds(): number {
    return this.laps.reduce((sum, { seconds }) => sum + seconds, 0);
  }
}
