import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pythonEnvironment } from "../../lab/artifacts/python-environment";
import type { AwsApi } from "./aws-api";
import type { Block } from "./resources";

/** One call of the AWS API as boto3 names it: service, call, arguments. */
export type AwsCall = readonly [service: string, call: string, given?: object];

/** What AWS answers to calls, in one process. */
export async function awsAnswers(api: AwsApi, region: string, calls: readonly AwsCall[]): Promise<Block[]> {
  const { python } = await pythonEnvironment(() => undefined);
  const { stdout, stderr } = spawnSync(python, [join(__dirname, "../../lab/aws/call.py")], {
    input: calls.map(([service, call, given = {}]) => `${JSON.stringify([service, call, given])}\n`).join(""),
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    env: {
      ...{ PATH: process.env["PATH"], AWS_ENDPOINT_URL: api.url, AWS_REGION: region, NO_PROXY: "*" },
      ...{ AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_EC2_METADATA_DISABLED: "true" },
    },
  });
  const said = stdout.split("\n").filter((line) => line !== "");
  if (said.length !== calls.length) throw new Error(`${said.length} answers to ${calls.length} calls: ${stderr}`);
  return said.map((line, index) => {
    const { answer, error, message } = JSON.parse(line) as { answer?: Block; error?: string; message?: string };
    if (answer === undefined) throw new Error(`${calls[index]![0]} ${calls[index]![1]}: ${error}: ${message}`);
    return answer;
  });
}
