import { command } from "./command";

const answers = new Map<string, Promise<boolean>>();

/** Seconds that a host gets to answer; a machine without a way out must not wait for each of its artifacts. */
const probeSeconds = 3;

/** Whether the host of a URL answers at all. Each host is asked once. */
export async function reachable(url: string): Promise<boolean> {
  const { host } = new URL(url);
  let answer = answers.get(host);
  if (!answer) {
    // Any HTTP answer will do, also a refusal: what the host serves is decided by the download itself.
    answer = command("curl", [
      "--silent",
      "--head",
      "--output",
      "/dev/null",
      "--max-time",
      String(probeSeconds),
      url,
    ]).then(
      () => true,
      () => false,
    );
    answers.set(host, answer);
  }
  return answer;
}
