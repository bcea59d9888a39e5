import { ENDPOINT_FEATURES } from "../facts/vpc-endpoints";
import { isKey } from "./container-registry";
import type { HardWaySettings } from "./hard-way-settings";
import { RETENTIONS } from "./people";
import { PRIVATE } from "./private";
import type { Rule } from "./rule";

/** Logs in CloudWatch. */
export const LOGS_RULES: readonly Rule<HardWaySettings>[] = [
  {
    id: "logs-group-name",
    of: ({ logs }) => ({ "logs.groupName": logs?.groupName }),
    accepts: (name: string) => /^[A-Za-z0-9_/.#-]{1,512}$/.test(name) && !name.startsWith("aws/"),
    must: "must be a name as CloudWatch takes it: letters, digits and _ / . # -, and not begin with aws/",
    cure: "write it as in /k8s-cluster",
    breaks: (good) => ({ ...good, logs: { groupName: "cluster logs" } }),
  },
  {
    id: "logs-retention",
    of: ({ logs }) => ({ "logs.retentionDays": logs?.retentionDays }),
    accepts: (days: number) => RETENTIONS.includes(days),
    must: `must be a number of days that CloudWatch knows: ${RETENTIONS.join(", ")}`,
    cure: "use 30",
    breaks: (good) => ({ ...good, logs: { retentionDays: 10 } }),
  },
  {
    id: "logs-kms-key",
    of: ({ logs }) => ({ "logs.kmsKeyArn": logs?.kmsKeyArn }),
    accepts: isKey,
    must: "must be the ARN of a KMS key",
    cure: "write it as in arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    breaks: (good) => ({ ...good, logs: { kmsKeyArn: "alias/logs" } }),
  },
  {
    id: "logs-way-out",
    // What leads out of a network that is there, its owner knows.
    of: ({ logs, topology, nat, proxy, existingNetwork }) => ({
      nat: logs && topology === "private" && !proxy && !existingNetwork ? nat : undefined,
    }),
    accepts: (nat: string, { vpcEndpoints: { features = [], except = [] } = {} }) =>
      nat !== "none" ||
      (features.includes("logs") && ENDPOINT_FEATURES.logs.every((service) => !except.includes(service))),
    must: "must not be none where private machines send logs to CloudWatch",
    cure: "use single, an endpoint by vpcEndpoints with logs, or a proxy",
    breaks: (good) => ({ ...good, ...PRIVATE, logs: {} }),
  },
];
