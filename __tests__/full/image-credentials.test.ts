import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { loopbackApi, type LoopbackApi } from "../../lab/aws/loopback-api";
import { prepare } from "../../lab/artifacts/prepare";
import { release } from "../../lab/artifacts/versions";
import { cached } from "../../lab/cache";
import { releasePath } from "../../constructs/facts/release-files";

// kubelet's program for credentials of ECR, as it is built from its source, against the lab's AWS API: what kubelet asks it,
// on its standard input, and what kubelet reads.
const IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/corp/app:1.0";
const { providers } = parse(
  readFileSync(join(__dirname, "../../scripts/image-credentials/config/image-credential-provider.yaml"), "utf8"),
) as { providers: { name: string; apiVersion: string; matchImages: string[] }[] };
let api: LoopbackApi;
let program: string;

beforeAll(async () => {
  await prepare({ log: () => undefined, extras: ["ecr-credential-provider"] });
  program = cached("mirror", releasePath("ecr-credential-provider", release, "amd64"));
  api = await loopbackApi(() => undefined);
}, 45 * 60_000);
afterAll(() => api?.stop());

const ask = (image: string, environment: Readonly<Record<string, string>>) =>
  spawnSync(program, {
    encoding: "utf8",
    timeout: 60_000,
    input: JSON.stringify({ kind: "CredentialProviderRequest", apiVersion: providers[0]!.apiVersion, image }),
    env: {
      ...{ AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_EC2_METADATA_DISABLED: "true", NO_PROXY: "*" },
      ...environment,
    },
  });

test("gets a token for an image of ECR, in the form of the version that kubelet is told (FT-89, F-31)", () => {
  const { status, stdout, stderr } = ask(IMAGE, { AWS_ENDPOINT_URL: api.url });

  expect([status, stderr]).toEqual([0, expect.not.stringContaining("Error") as string]);
  const answer = JSON.parse(stdout) as { kind: string; apiVersion: string; auth: Record<string, object> };
  expect(answer).toMatchObject({ kind: "CredentialProviderResponse", apiVersion: providers[0]!.apiVersion });
  expect(answer.auth).toEqual({
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com": { username: "AWS", password: "123456789012-auth-token" },
  });
}, 60_000);

test("fails where AWS is not reached, so that kubelet tells it of the pod (FT-89, F-31)", () => {
  const { status, stderr } = ask(IMAGE, { AWS_ENDPOINT_URL: "http://127.0.0.1:9", AWS_MAX_ATTEMPTS: "1" });

  expect(status).not.toBe(0);
  expect(stderr).toMatch(/GetAuthorizationToken/);
}, 60_000);

test("is asked for private registries alone, of every partition (FT-89)", () => {
  const [provider] = providers;
  const matches = (image: string): boolean =>
    provider!.matchImages.some((pattern) =>
      new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", "[^.]+")}$`).test(image.split("/")[0]!),
    );

  expect(provider!.name).toBe("ecr-credential-provider");
  for (const registry of [
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
    "123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com",
    "123456789012.dkr-ecr.eu-west-1.on.aws",
    "123456789012.dkr-ecr-fips.us-gov-west-1.on.aws",
    "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
    "123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn",
    "123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu",
    "123456789012.dkr.ecr.us-iso-west-1.c2s.ic.gov",
    "123456789012.dkr.ecr.us-isob-west-1.sc2s.sgov.gov",
    "123456789012.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk",
    "123456789012.dkr.ecr.us-isof-south-1.csp.hci.ic.gov",
  ])
    expect([registry, matches(`${registry}/app`)]).toEqual([registry, true]);
  for (const registry of ["registry.k8s.io", "public.ecr.aws", "dkr.ecr.example.com"])
    expect([registry, matches(`${registry}/app`)]).toEqual([registry, false]);
});
