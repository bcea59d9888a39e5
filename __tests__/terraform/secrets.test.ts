import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { awsApi, type AwsApi } from "../support/aws-api";
import { synthMain } from "../support/main-stack";
import { initialised, type Plan, type Terraform } from "../support/terraform";

// The plan of main.ts when all its keys are made already: what of them Terraform shows, and what it hands to machines.
const VALUES = ["-var=region=us-east-1", '-var=admin_cidrs=["198.51.100.0/24"]'];
const scratch = mkdtempSync(join(tmpdir(), "secrets-"));
let api: AwsApi;
let terraform: Terraform;
let plan: Plan & {
  readonly planned_values: { readonly outputs: Record<string, { sensitive: boolean; value?: unknown }> };
};
let text: string;
/** Lines that only one private key has, by the address of the key. */
const secrets = new Map<string, readonly string[]>();

type Change = Plan["resource_changes"][number];
const after = (address: RegExp): Change[] => plan.resource_changes.filter((change) => address.test(change.address));

/** Every text in a value that is not marked as sensitive. */
function shown(value: unknown, sensitive: unknown): string[] {
  if (sensitive === true || value === null || value === undefined) return [];
  if (typeof value !== "object") return [`${value as string | number | boolean}`];
  return Object.entries(value).flatMap(([key, inner]) =>
    shown(inner, (sensitive as Record<string, unknown> | undefined)?.[key]),
  );
}

/** The keys of which a line stands in a text. */
const keysIn = (place: string): string[] =>
  [...secrets].filter(([, lines]) => lines.some((line) => place.includes(line))).map(([address]) => address);
const withoutHash = (address: string): string => address.replace(/_[0-9A-F]{8}$/, "");

beforeAll(async () => {
  api = await awsApi();
  terraform = await initialised(await synthMain(join(scratch, "main")), { AWS_ENDPOINT_URL: api.url });
  const all = (await terraform.plan(...VALUES)).resource_changes.map(({ address }) => address);
  const keys = all.filter((address) => /^tls_(private_key|self_signed_cert)\./.test(address));
  text = await terraform.succeed(
    "apply",
    "-auto-approve",
    "-input=false",
    "-no-color",
    ...keys.map((address) => `-target=${address}`),
    ...VALUES,
  );
  plan = (await terraform.plan(...VALUES)) as typeof plan;
  text += await terraform.succeed("show", "-no-color", "planned");
  for (const { address, change } of after(/^tls_private_key\./)) {
    const key = change.after as Record<string, string>;
    const lines = [key["private_key_pem"]!, key["private_key_openssh"]!].flatMap((text) => text.split("\n"));
    const halves = [key["public_key_openssh"]!, key["public_key_pem"]!];
    // The first line of OpenSSH's format is alike in all keys of a kind; and a private key has the public one within.
    const own = lines.filter(
      (line) => line.length >= 40 && !/^b3BlbnNzaC1r|^-----/.test(line) && !halves.some((half) => half.includes(line)),
    );
    secrets.set(withoutHash(address), own);
  }
}, 900_000);
afterAll(async () => {
  await api?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

test("there are keys to look for, and the search finds them where they are (LD-14)", () => {
  expect(secrets.size).toBe(after(/^tls_private_key\./).length);
  expect([...secrets.values()].filter((lines) => lines.length === 0)).toEqual([]);
  for (const { address, change } of after(/^tls_private_key\./))
    expect(keysIn((change.after as { private_key_pem: string }).private_key_pem)).toEqual([withoutHash(address)]);
});

test("no key, and nothing that looks like one, is in a value that the plan shows (LD-14)", () => {
  const places = plan.resource_changes.flatMap(({ address, change }) =>
    shown(change.after, change.after_sensitive).map((place) => ({ address, place })),
  );

  expect(places.length).toBeGreaterThan(500);
  expect(places.filter(({ place }) => /PRIVATE KEY|client-key-data|secret: /.test(place))).toEqual([]);
  expect(places.filter(({ place }) => keysIn(place).length > 0)).toEqual([]);
});

test("no key is in what an apply or a plan prints for people (LD-14)", () => {
  expect(text).toContain("tls_private_key.cluster_ssh-key_");
  expect(text).not.toMatch(/PRIVATE KEY|client-key-data/);
  expect(keysIn(text)).toEqual([]);
});

test("no output that is not sensitive holds a key (LD-14, FT-19)", () => {
  const outputs = Object.entries(plan.planned_values.outputs);

  expect(outputs.filter(([, { sensitive }]) => sensitive).map(([name]) => name)).toEqual([
    "kubeconfig",
    "ssh_private_key",
  ]);
  expect(keysIn(JSON.stringify(outputs.filter(([, { sensitive }]) => !sensitive)))).toEqual([]);
});

test("no trigger holds a key, not even a sensitive one (LD-14)", () => {
  const triggers = after(/^null_resource\./).map(({ change }) => JSON.stringify(change.after));

  expect(triggers).toHaveLength(24);
  expect(triggers.filter((place) => /PRIVATE KEY|BEGIN /.test(place) || keysIn(place).length > 0)).toEqual([]);
});

test("user data, which has a machine's key of the first connection, is marked sensitive (LD-14)", () => {
  const machines = after(/^aws_instance\./).map(({ change }) => change.after_sensitive as { user_data?: boolean });

  expect(machines.map(({ user_data }) => user_data)).toEqual(Array(6).fill(true));
});
