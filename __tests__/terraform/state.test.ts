import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { awsApi, type AwsApi } from "../support/aws-api";
import { synthMain } from "../support/main-stack";
import { initialised, type Terraform } from "../support/terraform";

// The state of main.ts in S3, through the real Terraform: what it asks the bucket for, and that two applies do not meet.
const VALUES = ["-var=region=us-east-1", '-var=admin_cidrs=["198.51.100.0/24"]'];
const STATE = "hard-way/terraform.tfstate";
const scratch = mkdtempSync(join(tmpdir(), "state-"));
let api: AwsApi;
let terraform: Terraform;

/** Asks the bucket. */
const s3 = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${api.url}/states${path}`, {
    ...init,
    headers: { Authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request", ...init.headers },
  });

beforeAll(async () => {
  api = await awsApi();
  expect((await s3("", { method: "PUT" })).status).toBe(200);
  const folder = await synthMain(join(scratch, "main"), undefined, {
    STATE_BUCKET: "states",
    STATE_REGION: "us-east-1",
    STATE_KMS_KEY: "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-44cd-8ef4-1234567890ab",
  });
  terraform = await initialised(folder, { AWS_ENDPOINT_URL: api.url, AWS_S3_USE_PATH_STYLE: "true" });
}, 900_000);
afterAll(async () => {
  await api?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

test("keeps it encrypted with the key that was named (LD-14)", async () => {
  await terraform.succeed(
    "apply",
    "-auto-approve",
    "-input=false",
    "-target=tls_private_key.cluster_ssh-key_AB24DE3A",
    ...VALUES,
  );

  const head = await s3(`/${STATE}`, { method: "HEAD" });
  expect(head.status).toBe(200);
  expect(head.headers.get("x-amz-server-side-encryption")).toBe("aws:kms");
  expect(head.headers.get("x-amz-server-side-encryption-aws-kms-key-id")).toMatch(/^arn:aws:kms:.*:key\/1234abcd-/);
}, 180_000);

test("fails beside another apply, which holds the lock (LD-14)", async () => {
  const lock = JSON.stringify({ ID: "another", Operation: "OperationTypeApply", Who: "somebody@else" });
  expect((await s3(`/${STATE}.tflock`, { method: "PUT", body: lock })).status).toBe(200);

  const [problem] = await terraform.complaints(...VALUES);

  expect(problem).toMatchObject({ severity: "error", summary: "Error acquiring the state lock" });
  expect(problem!.detail).toContain("somebody@else");
  expect((await s3(`/${STATE}.tflock`, { method: "DELETE" })).status).toBe(204);
}, 120_000);
