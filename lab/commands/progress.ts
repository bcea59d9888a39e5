/** Lines with the time since the start, so that a reader sees what takes long. */
export class Progress {
  private readonly started = process.hrtime.bigint();

  get seconds(): number {
    return Number(process.hrtime.bigint() - this.started) / 1e9;
  }

  readonly line = (text: string): void => {
    const seconds = Math.floor(this.seconds);
    const clock = `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
    process.stdout.write(`${clock}  ${text}\n`);
  };
}
