import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Resource as NullResource } from "@cdktf/provider-null/lib/resource";
import { Lazy } from "cdktf";
import { Bootstrap, type BootstrapProps, type BootstrapTarget } from "../../constructs/bootstrap/bootstrap";
import {
  all,
  dependencies,
  named,
  only,
  waitFor,
  waitsFor,
  without,
  withoutHash,
  type Block,
} from "../support/resources";
import { synth, type Synthesised } from "../support/synth";

const machine = (index: number): BootstrapTarget => ({
  name: `controller-${index}`,
  instanceId: `i-${index}`,
  host: `203.0.113.1${index}`,
  sshHostKey: { firstPublicKey: "FIRST", publicKey: "LASTING" },
});
const ENV = {
  CLUSTER_NAME: "blue",
  NODE_NAME: "controller-0",
  NODE_IP: "10.240.0.10",
  ETCD_VERSION: "3.6.16",
  ETCD_URL: "https://example.com/etcd.tar.gz",
  ETCD_SHA256: "",
  ETCD_INITIAL_CLUSTER: "controller-0=https://10.240.0.10:2380",
  ETCD_CLUSTER_TOKEN: "etcd-cluster-0",
  ETCD_ARGUMENTS: "",
};
const FILES = { "etcd-ca.pem": "CA", "etcd.pem": "CERTIFICATE", "etcd-key.pem": "KEY" };
const bootstrap = (props: Partial<BootstrapProps<BootstrapTarget>> = {}, machines = 1): Synthesised =>
  synth(
    (stack) =>
      void new Bootstrap(stack, "stage", {
        stage: "etcd",
        machines: Array.from({ length: machines }, (_, index) => machine(index)),
        ssh: { user: "admin", privateKey: "PRIVATE", timeout: "5m" },
        env: () => ENV,
        files: () => FILES,
        after: [],
        ...props,
      }),
  );
interface Provisioner {
  readonly "remote-exec"?: { readonly inline: readonly string[] };
  readonly file?: { readonly destination: string; readonly content?: string };
}
const provisioners = (stack: Synthesised): Provisioner[] => only(stack, "null_resource").provisioner as Provisioner[];
const triggers = (stack: Synthesised): Record<string, string> =>
  only(stack, "null_resource").triggers as Record<string, string>;
const lastStep = (stack: Synthesised): readonly string[] => provisioners(stack).at(-1)!["remote-exec"]!.inline;
/** The expression of the one text that is uploaded: a line for each file. */
const upload = (stack: Synthesised): string =>
  provisioners(stack).find(({ file }) => file !== undefined)!.file!.content!;

test("a stage is one resource on each of its machines (FT-49)", () => {
  expect(Object.keys(named(bootstrap({}, 3), "null_resource"))).toEqual([
    "stage_controller-0",
    "stage_controller-1",
    "stage_controller-2",
  ]);
});

test("Terraform logs in with the key it is given and asks nobody (FT-19, F-16)", () => {
  expect(only(bootstrap(), "null_resource").connection).toEqual({
    type: "ssh",
    host: "203.0.113.10",
    user: "admin",
    private_key: "PRIVATE",
    timeout: "5m",
    agent: "false",
    host_key: "LASTING",
  });
});

const firstStage = (): Synthesised =>
  bootstrap({
    stage: "ssh-host-key",
    env: () => ({ NODE_NAME: "controller-0" }),
    files: () => ({ "ssh-host-key": "KEY", "ssh-host-key.pub": "LASTING" }),
  });

test("the stage of the first connection takes the first key too, and runs again for another machine or key alone (FT-19, LD-14)", () => {
  expect(only(firstStage(), "null_resource").connection).toMatchObject({ host_key: "FIRST\n* LASTING" });
  expect(Object.keys(triggers(firstStage()))).toEqual(["files", "instance"]);
});

test("first it waits for cloud-init and makes an empty folder that only the login user opens (FT-24, FT-49)", () => {
  expect(provisioners(bootstrap())[0]!["remote-exec"]!.inline).toEqual([
    "set -eu",
    "if [ ! -e /run/cloud-init/result.json ] && command -v cloud-init >/dev/null; then sudo timeout 300 cloud-init status --wait >/dev/null || true; fi",
    "umask 077",
    "rm -rf kubernetes-bootstrap/etcd",
    "mkdir -p kubernetes-bootstrap/etcd/lib kubernetes-bootstrap/etcd/etcd kubernetes-bootstrap/etcd/etcd/steps " +
      "kubernetes-bootstrap/etcd/etcd/units kubernetes-bootstrap/etcd/files",
    "chmod 0700 kubernetes-bootstrap",
  ]);
});

test("then it uploads everything in one connection, and last it runs the stage (FT-49)", () => {
  const steps = provisioners(bootstrap()).map((step) => step.file?.destination ?? step["remote-exec"]!.inline.at(-1));

  expect(steps).toEqual([
    "chmod 0700 kubernetes-bootstrap",
    "kubernetes-bootstrap/etcd/upload.txt",
    "sudo bash kubernetes-bootstrap/etcd/etcd/run.sh",
  ]);
});

test("the step that runs the stage holds no secret, so that Terraform shows what it prints (FT-49, LD-14)", () => {
  expect(lastStep(bootstrap()).join("\n")).not.toMatch(/CERTIFICATE|KEY|local\./);
});

test("it makes the files, for the login user alone, from the one that was uploaded, which it removes (FT-24, FT-49, FT-52)", () => {
  const home = mkdtempSync(join(tmpdir(), "home-"));
  const inside = (command: string): unknown => execFileSync("sh", ["-c", command], { cwd: home });
  const folder = join(home, "kubernetes-bootstrap", "etcd");
  const texts = {
    "lib/common.sh": "echo '${ROOT}' \\ %{if}\n",
    "etcd/steps/files.sh": "without an end of line",
    "node.env": "A='b'\n",
    ...Object.fromEntries(Object.entries(FILES).map(([name, text]) => [`files/${name}`, `${text}\n`])),
  };
  inside(provisioners(bootstrap())[0]!["remote-exec"]!.inline.slice(2).join("\n"));
  const lines = Object.entries(texts).map(([name, text]) => `${name} ${Buffer.from(text).toString("base64")}\n`);
  writeFileSync(join(folder, "upload.txt"), lines.join(""));

  inside(lastStep(bootstrap()).slice(0, -1).join("\n"));

  for (const [name, text] of Object.entries(texts)) {
    expect(readFileSync(join(folder, name), "utf8")).toBe(text);
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  }
  expect(readdirSync(folder).sort()).toEqual(["etcd", "files", "lib", "node.env"]);
  rmSync(home, { recursive: true });
});

test("a file that did not come whole ends the stage before it runs, and what was uploaded goes all the same (FT-24, FT-49)", () => {
  const home = mkdtempSync(join(tmpdir(), "home-"));
  const folder = join(home, "kubernetes-bootstrap", "etcd");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "upload.txt"), "node.env QT1&\n");

  expect(() => execFileSync("sh", ["-c", lastStep(bootstrap()).join("\n")], { cwd: home, stdio: "pipe" })).toThrow(
    /invalid input\nerror: cannot unpack kubernetes-bootstrap\/etcd\/node\.env on \S+; make room there if its disk is full, /,
  );
  expect(readdirSync(folder)).toEqual(["node.env"]);
  rmSync(home, { recursive: true });
});

test.each(["lib", "etcd"])(
  "every file of scripts/%s is uploaded byte for byte, wherever the module lies (FT-52)",
  (folder) => {
    const source = `\\$\\{path\\.module\\}/assets/scripts-${folder}/[0-9a-f]{32}/`;

    expect(upload(bootstrap())).toMatch(
      new RegExp(
        `\\[for file in fileset\\("${source}", "\\*\\*"\\) : "${folder}/\\$\\{file\\} ` +
          `\\$\\{filebase64\\("${source}\\$\\{file\\}"\\)\\}\\\\n"\\]`,
      ),
    );
  },
);

test("node.env holds exactly the variables that the stage reads (FT-49, FT-51)", () => {
  const stack = bootstrap({ env: () => ({ ...ENV, POD_CIDR: "10.200.0.0/16", KUBE_PROXY_MODE: "nftables" }) });

  expect(triggers(stack).env).toBe(
    "CLUSTER_NAME='blue'\n" +
      "NODE_NAME='controller-0'\n" +
      "NODE_IP='10.240.0.10'\n" +
      "ETCD_VERSION='3.6.16'\n" +
      "ETCD_URL='https://example.com/etcd.tar.gz'\n" +
      "ETCD_SHA256=''\n" +
      "ETCD_INITIAL_CLUSTER='controller-0=https://10.240.0.10:2380'\n" +
      "ETCD_CLUSTER_TOKEN='etcd-cluster-0'\n" +
      "ETCD_ARGUMENTS=''\n",
  );
});

test("the variables stand in the plan as they are on the node (FT-49)", () => {
  expect(upload(bootstrap())).toContain('["node.env ${base64encode(self.triggers.env)}\\n"]');
  expect(upload(firstStage())).toContain(`["node.env \${base64encode("NODE_NAME='controller-0'\\n")}\\n"]`);
});

test("a value that the stage does not read changes nothing (FT-49)", () => {
  const other = bootstrap({ env: () => ({ ...ENV, POD_CIDR: "10.201.0.0/16" }) });

  expect(other.json).toBe(bootstrap().json);
});

test("it runs again when the machine, a value, a file or a script changes (FT-25, FT-49)", () => {
  expect(triggers(bootstrap())).toEqual({
    instance: "i-0",
    scripts: expect.stringMatching(/^[0-9a-f]{32} [0-9a-f]{32}$/) as string,
    env: expect.stringContaining("CLUSTER_NAME='blue'\n") as string,
    files: expect.stringMatching(
      /^\$\{sha256\(jsonencode\(local\.stage_controller-0-files_[0-9A-F]{8}\)\)\}$/,
    ) as string,
  });
});

test("files are in the plan as a hash alone (LD-14)", () => {
  expect(JSON.stringify(triggers(bootstrap()))).not.toMatch(/"(CA|CERTIFICATE|KEY|PRIVATE)"/);
});

test("every file is read from the local that the hash is of (FT-24, LD-14)", () => {
  const stack = bootstrap();
  const [local] = Object.keys(stack.locals);

  expect(stack.locals[local!]).toEqual(FILES);
  expect(upload(stack)).toContain(`[for name, text in local.${local} : "files/\${name} \${base64encode(text)}\\n"]))}`);
});

test("only the stage's own files are uploaded (FT-24)", () => {
  const stack = bootstrap({ files: () => ({ ...FILES, "ca-key.pem": "KEY OF THE AUTHORITY" }) });

  expect(stack.json).not.toContain("KEY OF THE AUTHORITY");
});

test("a stage without files has neither local nor trigger for them (FT-49)", () => {
  const stack = bootstrap({ stage: "rbac", env: () => ({ NODE_NAME: "controller-0" }) });

  expect(stack.locals).toEqual({});
  expect(Object.keys(triggers(stack))).toEqual(["env", "instance", "scripts"]);
});

test.each(["ETCD_URL", "NODE_IP"] as const)("fails at synth where %s is not given (FT-51, F-10)", (name) => {
  expect(() => bootstrap({ env: () => without(ENV, name) })).toThrow(`etcd on controller-0 needs ${name}`);
});

test("fails at synth where a file is not given (FT-24)", () => {
  expect(() => bootstrap({ files: () => without(FILES, "etcd-key.pem") })).toThrow(
    "etcd on controller-0 needs etcd-key.pem",
  );
});

test("fails at synth for a stage that the table does not have", () => {
  expect(() => bootstrap({ stage: "upgrade" as "etcd" })).toThrow("no stage 'upgrade'");
});

test("fails at synth for a value that node.env cannot hold", () => {
  expect(() => bootstrap({ env: () => ({ ...ENV, CLUSTER_NAME: "it's" }) })).toThrow(
    'CLUSTER_NAME must have no quote and no line break, got "it\'s"',
  );
});

test("each machine waits for everything that is named, and nothing but it (FT-49)", () => {
  const stack = synth((scope) => {
    const common = {
      ssh: { user: "admin", privateKey: "PRIVATE", timeout: "5m" },
      env: () => ENV,
    };
    const etcd = new Bootstrap(scope, "one", {
      ...common,
      stage: "etcd",
      machines: [machine(0), machine(1)],
      files: () => FILES,
      after: [],
    });
    const rbac = new Bootstrap(scope, "two", { ...common, stage: "rbac", machines: [machine(0)], after: etcd.done });
    waitFor(scope, rbac.done);
  });
  const found = Object.entries(named(stack, "null_resource")).map(([name, block]: [string, Block]) => [
    name,
    waitsFor(stack, block).map(withoutHash),
  ]);

  expect(Object.fromEntries(found)).toEqual({
    "one_controller-0": [],
    "one_controller-1": [],
    "two_controller-0": ["null_resource.one_controller-0", "null_resource.one_controller-1"],
    after: ["null_resource.two_controller-0"],
  });
});

test("what many machines wait for stands in the stack once, so that Terraform's graph grows with the machines alone", () => {
  const stack = synth((scope) => {
    const after = Array.from({ length: 20 }, (_, number) => new NullResource(scope, `before-${number}`));
    new Bootstrap(scope, "stage", {
      ssh: { user: "admin", privateKey: "PRIVATE", timeout: "5m" },
      env: () => ENV,
      stage: "rbac",
      machines: Array.from({ length: 20 }, (_, number) => machine(number)),
      after,
    });
  });
  const waiting = all(stack, "null_resource").map((block) => dependencies(block).length);

  expect(waiting).toEqual([...Array<number>(20).fill(0), ...Array<number>(20).fill(1)]);
});

test("two machines share one copy of the scripts (FT-49)", () => {
  const [first, second] = all(bootstrap({}, 2), "null_resource").map(({ provisioner }) =>
    [...JSON.stringify(provisioner).matchAll(/assets\/scripts-[a-z]+\/[0-9a-f]+/g)].map(([path]) => path),
  );

  expect(new Set(first).size).toBe(2);
  expect(second).toEqual(first);
});

test("an address that only Terraform knows is reached at that address (FT-19)", () => {
  const stack = bootstrap({
    machines: [{ ...machine(0), host: Lazy.stringValue({ produce: () => "${aws_instance.controller.public_ip}" }) }],
  });

  expect(only(stack, "null_resource").connection).toMatchObject({ host: "${aws_instance.controller.public_ip}" });
});
