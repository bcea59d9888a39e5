import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** The AWS API behind a door that can be made to refuse. */
export interface FaultyApi {
  readonly url: string;
  /** The next calls whose path or body matches are refused so, until `mend`. */
  readonly refuse: (what: RegExp, status: number, answer: string) => void;
  readonly mend: () => void;
  /** How many were. */
  readonly refused: () => number;
  readonly stop: () => Promise<void>;
}

export async function faultyApi(target: string): Promise<FaultyApi> {
  let fault: { what: RegExp; status: number; answer: string } | undefined;
  let refused = 0;
  const pass = (incoming: IncomingMessage, outgoing: ServerResponse, body: Buffer): void => {
    const { method, url = "/", headers } = incoming;
    const through = request(
      new URL(url, target),
      { method, headers: { ...headers, host: new URL(target).host } },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    through.on("error", (error) => outgoing.writeHead(502).end(error.message));
    through.end(body);
  };
  const server = createServer((incoming, outgoing) => {
    const parts: Buffer[] = [];
    incoming.on("data", (part: Buffer) => parts.push(part));
    incoming.on("end", () => {
      const body = Buffer.concat(parts);
      if (!fault?.what.test(`${incoming.method} ${incoming.url} ${body.toString()}`))
        return pass(incoming, outgoing, body);
      refused += 1;
      outgoing.writeHead(fault.status, {
        "content-type": fault.answer.startsWith("<") ? "text/xml" : "application/json",
      });
      outgoing.end(fault.answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refuse: (what, status, answer) => void (fault = { what, status, answer }),
    mend: () => void (fault = undefined),
    refused: () => refused,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
