import { loopbackApi, type LoopbackApi } from "../../lab/aws/loopback-api";

export type AwsApi = LoopbackApi;

export const awsApi = (): Promise<AwsApi> => loopbackApi((line) => void process.stderr.write(`${line}\n`));
