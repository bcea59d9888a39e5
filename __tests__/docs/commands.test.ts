import { readdirSync, readFileSync } from "node:fs";
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

/** Named in a sentence, and run by a test with the names or the options of a lab: the file, and the words that run it there. */
const RUN_OTHERWISE: Readonly<Record<string, readonly [file: string, ...words: string[]]>> = {
  "npx -p cdktf-cli@0.21.0 cdktf deploy hard-way": [
    "full/cdktf-deploy.test.ts",
    '"-p", "cdktf-cli@0.21.0"]',
    '"cdktf", ...args',
    'cdktf("deploy", "hard-way", "--skip-provider-lock"',
  ],
  "cdktf deploy": ["full/cdktf-deploy.test.ts", 'cdktf("deploy"'],
  "cdktf diff": ["full/cdktf-deploy.test.ts", 'cdktf("diff"'],
  "cdktf destroy": ["full/cdktf-deploy.test.ts", 'cdktf("destroy"'],
  "terraform plan": ["lab/hard-way.test.ts", "terraform.plan()"],
  "terraform apply": ["lab/hard-way.test.ts", "await apply()"],
  "terraform destroy": ["lab/hard-way.test.ts", "terraform.destroy("],
  "terraform apply -replace": ["lab/hard-way.test.ts", "terraform.apply(() => undefined, `-replace=${address}`)"],
  "terraform apply -replace=aws_instance.… -replace=tls_private_key.…_first_…": [
    "full/ssh-host-keys.test.ts",
    '`-replace=${address("aws_instance", ',
    '`-replace=${address("tls_private_key", "/worker/ssh-host-key-0/first")}`',
  ],
  "terraform apply -target=tls_private_key.…_lasting_…": [
    "full/ssh-host-keys.test.ts",
    ".apply(() => undefined, `-target=${lasting}`)",
  ],
  "terraform show -json": ["support/terraform.ts", '("show", "-json", '],
  "terraform output -raw kubeconfig": ["lab/controls.ts", '("terraform output -raw kubeconfig >kubeconfig")'],
  "terraform output -raw node_role_arn": ["lab/eks.test.ts", 'terraform.output("node_role_arn")'],
  "npm run ssh": ["full/commands.test.ts", '("npm run ssh -- worker-0")'],
  "kubectl logs": ["lab/eks.test.ts", 'kubectl("logs", '],
  "kubectl drain": ["full/zones.test.ts", 'kubectl("drain", "edge-1", '],
  "kubectl drain worker-0 --ignore-daemonsets": [
    "full/upgrade.test.ts",
    'kubectl("drain worker-0 --ignore-daemonsets ',
  ],
  "kubectl uncordon worker-0": ["full/upgrade.test.ts", 'kubectl("uncordon worker-0")'],
  "kubectl delete node": ["full/zones.test.ts", 'kubectl("delete", "node", "edge-1")'],
  "npm run conformance": ["full/conformance.test.ts", "await conformance({"],
  "STATE_BUCKET=… STATE_REGION=… npm run synth": [
    "main.test.ts",
    'await synthMain(join(scratch, "s3")',
    'STATE_BUCKET: "states", STATE_REGION: "eu-west-1"',
  ],
  "HYBRID_NETWORK=network.json npm run synth": [
    "terraform/variables.test.ts",
    'await synthMain(join(scratch, "out"), undefined, { HYBRID_NETWORK: join(scratch, "network.json") })',
  ],
  "HYBRID_NETWORK=network.json npm run modules": [
    "terraform/long/modules.test.ts",
    'await modules({ HYBRID_NETWORK: join(scratch, "network.json") }',
  ],
  "socat TCP-LISTEN:2222,bind=127.0.0.1,fork,reuseaddr \\": [
    "full/existing-bastion.test.ts",
    "`TCP-LISTEN:${BASTION.port},bind=127.0.0.1,fork,reuseaddr`",
    "`PROXY:10.1.2.3:${BASTION.address}:${BASTION.port},proxyport=3128,proxyauthfile=${users}`",
  ],
  "npm test -- ci": ["../.ci/run", "\nexec npm test -- ci\n"],
  // A name in package.json for what .ci/run says.
  "npm run test:ci": ["../package.json", '"test:ci": "exec npm test -- ci"'],
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

test.each(Object.entries(RUN_OTHERWISE))("%s: the test that is named runs it (FT-95)", (_, [file, ...words]) => {
  const text = readFileSync(join(TESTS, file), "utf8");

  expect(words).not.toEqual([]);
  expect(words.filter((word) => !text.includes(word))).toEqual([]);
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
