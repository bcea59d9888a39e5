import { loopbackApi, type LoopbackApi } from "../../lab/aws/loopback-api";
import { AwsCalls } from "./aws-calls";

/** The AWS API on the loopback, and who asks it in a region, until it stops. */
export interface AwsApi extends LoopbackApi {
  readonly calls: (region: string) => Promise<AwsCalls>;
}

export async function awsApi(): Promise<AwsApi> {
  const { url, stop } = await loopbackApi((line) => void process.stderr.write(`${line}\n`));
  const opened = new Map<string, Promise<AwsCalls>>();
  const calls = (region: string): Promise<AwsCalls> => {
    const environment = {
      ...{ PATH: process.env["PATH"], AWS_ENDPOINT_URL: url, AWS_REGION: region, NO_PROXY: "*" },
      ...{ AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test", AWS_EC2_METADATA_DISABLED: "true" },
    };
    if (!opened.has(region)) opened.set(region, AwsCalls.open(environment));
    return opened.get(region)!;
  };
  const stopAll = async (): Promise<void> => {
    try {
      for (const asked of opened.values()) await (await asked).close();
    } finally {
      await stop();
    }
  };
  return { url, calls, stop: stopAll };
}
