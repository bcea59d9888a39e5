import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { asWritten, blocks, isCommand, pageCommands } from "../support/page-commands";
import { PLACES, remedies } from "../support/troubleshooting";

const TESTS = join(__dirname, "..");
const REPOSITORY = join(TESTS, "..");
const sources = readdirSync(TESTS, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => readFileSync(join(TESTS, name), "utf8"));

/** Commands that tests run, by `asWritten`. */
const run = sources.flatMap((source) =>
  [...source.matchAll(/asWritten\(\s*(["'`])([^]*?)\1,?\s*\)/g)].map(([, , begins]) => begins!),
);

/** Named in a sentence, and run by a test with the names or the options of a lab: here is which. */
const RUN_OTHERWISE: Readonly<Record<string, string>> = {
  "npx -p cdktf-cli@0.21.0 cdktf deploy hard-way": "full/cdktf-deploy.test.ts",
  "cdktf deploy": "full/cdktf-deploy.test.ts",
  "cdktf diff": "full/cdktf-deploy.test.ts",
  "cdktf destroy": "full/cdktf-deploy.test.ts",
  "terraform plan": "lab/hard-way.test.ts",
  "terraform apply": "lab/hard-way.test.ts",
  "terraform destroy": "lab/hard-way.test.ts",
  "terraform apply -replace": "lab/long/hard-way.test.ts",
  "terraform apply -replace=aws_instance.… -replace=tls_private_key.…_first_…": "full/ssh-host-keys.test.ts",
  "terraform apply -target=tls_private_key.…_lasting_…": "full/ssh-host-keys.test.ts",
  "terraform show -json": "terraform/secrets.test.ts",
  "terraform output -raw kubeconfig": "lab/controls.ts",
  "terraform output -raw node_role_arn": "lab/eks.test.ts",
  "npm run ssh": "full/commands.test.ts",
  "kubectl logs": "lab/eks.test.ts",
  "kubectl drain": "full/upgrade.test.ts",
  "kubectl drain worker-0 --ignore-daemonsets": "full/upgrade.test.ts",
  "kubectl uncordon worker-0": "full/upgrade.test.ts",
  "kubectl delete node": "full/upgrade.test.ts",
  "npm run conformance": "full/conformance.test.ts",
  "STATE_BUCKET=… STATE_REGION=… npm run synth": "main.test.ts",
  "HYBRID_NETWORK=network.json npm run synth": "stacks/report.test.ts",
  "HYBRID_NETWORK=network.json npm run modules": "terraform/long/modules.test.ts",
  "socat TCP-LISTEN:2222,bind=127.0.0.1,fork,reuseaddr \\": "full/existing-bastion.test.ts",
  "npm test -- ci": "../.ci/run",
  "npm run test:ci": "../.ci/run",
};

/** What nothing runs, and why. */
const NOT_RUN: Readonly<Record<string, string>> = {
  "aws ec2-instance-connect open-tunnel": "AWS's own endpoint, which the lab has not",
  "ssh -D": "a proxy to an internal balancer behind a bastion, which no cluster of the tests has",
  "npm run conformance -- --focus 'DNS|NodePort' --procs 4": "builds the suite; what is behind it is run by the tiers",
  "npm run bench:plan": "measures alone, for half an hour",
  "npm run bench:ready": "measures alone, for a quarter of an hour",
};

test("each command of each page is run by one test as it is written, or stands in a list that says otherwise (FT-95)", () => {
  const commands = [...pageCommands().keys()];
  const written = (begins: string): string =>
    commands.find((command) => pageCommands().get(command) === asWritten(begins))!;

  expect([...run.map(written), ...Object.keys(RUN_OTHERWISE), ...Object.keys(NOT_RUN)].sort()).toEqual(commands.sort());
});

test.each(Object.entries(RUN_OTHERWISE))("%s: there is such a test (FT-95)", (_, file) => {
  expect(existsSync(join(TESTS, file))).toBe(true);
});

test("a block that says where it runs is a remedy, and each kind of place has a test that runs there (FT-95, FT-96)", () => {
  const placed = blocks().filter(({ kind }) => kind.startsWith("sh "));

  expect(placed.map(({ page }) => page)).toEqual(remedies().map(() => join("docs", "troubleshooting.md")));
  for (const kind of Object.keys(PLACES))
    expect(sources.filter((source) => source.includes(`test.each(remediesOf("${kind}"))`))).toHaveLength(1);
});

test("commands stand in blocks that say that they are some (FT-95)", () => {
  const others = blocks().filter(({ kind }) => kind !== "console" && kind !== "sh" && !kind.startsWith("sh "));

  expect(
    others.flatMap(({ page, text }) =>
      text
        .split("\n")
        .filter(isCommand)
        .map((line) => [page, line]),
    ),
  ).toEqual([]);
});

test("what npm is told to run is a script of package.json (FT-95)", () => {
  const { scripts } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const named = [...pageCommands().keys()].flatMap((command) => /\bnpm run ([\w:-]+)/.exec(command)?.[1] ?? []);

  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});
