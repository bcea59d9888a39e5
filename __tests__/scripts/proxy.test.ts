import { createServer, request, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { type Outcome, ScratchMachine, type Variables } from "./support/machine";
import { type Mirror, startMirror } from "./support/mirror";
import { environment, files, prepare } from "./support/stages";

// Runs of real shell take their time on a busy machine.
jest.setTimeout(180_000);

/** A forward proxy that asks for a user, and remembers what went through it. */
class ForwardProxy {
  readonly passed: string[] = [];
  private readonly server: Server = createServer((asked, answer) => {
    const user = Buffer.from(asked.headers["proxy-authorization"]?.replace("Basic ", "") ?? "", "base64").toString();
    if (user !== "machine:pass word+'%") return void answer.writeHead(407).end();
    this.passed.push(asked.url!);
    request(asked.url!, (found) => {
      answer.writeHead(found.statusCode!);
      found.pipe(answer);
    }).end();
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => void this.server.close(() => resolve()));
  }
}

let mirror: Mirror;
let machine: ScratchMachine;
const proxy = new ForwardProxy();
let address: string;
beforeAll(async () => {
  [mirror, address] = await Promise.all([startMirror(), proxy.start()]);
});
afterAll(() => Promise.all([mirror.stop(), proxy.stop()]));
beforeEach(() => {
  machine = new ScratchMachine();
});
afterEach(() => machine.remove());

/** The user as Terraform writes it: in a URL a blank, a plus, a quote and a percent sign are codes. */
const USER = "machine:pass%20word%2B%27%25@";
const variables = (user: string, exceptions: string): string =>
  `http_proxy='http://${user}${address}'\nhttps_proxy='http://${user}${address}'\nno_proxy='${exceptions}'\n`;
const through = async (user = USER, exceptions = "10.240.0.0/24", changes: Variables = {}): Promise<Outcome> => {
  machine.upload(
    "proxy",
    { NODE_NAME: "controller-0", PROXY_CA: "", ...changes },
    {
      "proxy.env": variables(user, exceptions),
      "proxy-ca.pem": "",
    },
  );
  return machine.run("proxy");
};
const etcd = (): Promise<Outcome> => {
  machine.upload("etcd", environment("etcd", mirror), files("etcd"));
  return machine.run("etcd");
};

test("downloads go through the proxy, with its user, whatever is in the password (FT-87, F-29)", async () => {
  proxy.passed.length = 0;
  expect(await through()).toMatchObject({ status: 0, errors: [] });

  expect(await etcd()).toMatchObject({ status: 0, errors: [] });

  expect(proxy.passed).toEqual(mirror.requests.map((path) => mirror.url(path)));
});

test("what is an exception is fetched directly (FT-87)", async () => {
  proxy.passed.length = 0;
  await through(USER, "127.0.0.0/8");

  expect(await etcd()).toMatchObject({ status: 0, errors: [] });

  expect(proxy.passed).toEqual([]);
});

test("a stage that cannot fetch names the proxy, and never its user (FT-87, F-29, LD-14)", async () => {
  await through("stranger:secret@");

  const { status, errors, said } = await etcd();

  expect(status).toBe(1);
  expect(errors).toEqual([expect.stringMatching(/cannot download \S+: the server answers 407/)]);
  expect(said).not.toMatch(/secret|stranger/);

  machine.write(
    "etc/kubernetes/proxy.env",
    "https_proxy='http://stranger:secret@127.0.0.1:1'\nhttp_proxy='http://127.0.0.1:1'\n",
  );
  const gone = await etcd();
  expect(gone.errors).toEqual([
    expect.stringMatching(
      /cannot download .+ port 1 .+; check the proxy http:\/\/127\.0\.0\.1:1, the way out of this machine, or set a mirror$/,
    ),
  ]);
  expect(gone.said).not.toMatch(/secret/);
});

test("apt goes through the proxy, but to names that are exceptions (FT-87)", async () => {
  await through("", "10.240.0.0/24,::1,.svc,api.example");

  expect(machine.read("etc/apt/apt.conf.d/30kubernetes-proxy")).toBe(
    `Acquire::http::Proxy "http://${address}";\nAcquire::https::Proxy "http://${address}";\n` +
      'Acquire::http::Proxy::api.example "DIRECT";\nAcquire::https::Proxy::api.example "DIRECT";\n',
  );
  expect(machine.tree()).toContain("0644 /etc/apt/apt.conf.d/30kubernetes-proxy");
});

test("another proxy restarts what runs, and the same one nothing (FT-87)", async () => {
  prepare(machine, "proxy", mirror);
  await machine.run("proxy");
  for (const name of ["containerd", "otelcol"]) machine.write(`commands/state/${name}.service.running`, "");

  await through();
  expect(machine.calls()).toEqual(
    expect.arrayContaining(["systemctl restart containerd.service", "systemctl restart otelcol.service"]),
  );
  expect(machine.calls()).not.toContain("systemctl restart kubelet.service");

  await through();
  expect(machine.calls().filter((call) => call.startsWith("systemctl restart"))).toEqual([]);
});

test("the proxy's authority is believed until there is none (FT-87)", async () => {
  prepare(machine, "proxy", mirror);
  await machine.run("proxy");
  expect(machine.calls()).toContain("update-ca-certificates");
  expect(machine.tree()).toContain("0644 /usr/local/share/ca-certificates/kubernetes-proxy.crt");

  await through();

  expect(machine.calls()).toContain("update-ca-certificates");
  expect(machine.tree().join("\n")).not.toContain("kubernetes-proxy.crt");
});
