import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { NodeLogsSettings } from "../../constructs";
import { env, hardWay, stage, stages } from "../support/hard-way";
import { all, dependencies, named, only } from "../support/resources";
import { addresses, type Synthesised } from "../support/synth";

const logs = (settings: NodeLogsSettings = {}): Synthesised => hardWay({ logs: settings });
const shipped = logs();

test("without logs there is nothing of CloudWatch (FT-93)", () => {
  const none = hardWay();

  expect(addresses(none).join("\n")).not.toMatch(/aws_cloudwatch/);
  expect(Object.keys(stages(none)).filter((name) => name.startsWith("logs"))).toEqual([]);
});

test("the log group keeps what it gets for a month, or as long and under such a key as is said (FT-93)", () => {
  expect(only(shipped, "aws_cloudwatch_log_group")).toMatchObject({ name: "/blue/nodes", retention_in_days: 30 });
  const kmsKeyArn = "arn:aws:kms:eu-west-1:123456789012:key/1234";
  expect(
    only(logs({ groupName: "/k8s-cluster", retentionDays: 365, kmsKeyArn }), "aws_cloudwatch_log_group"),
  ).toMatchObject({ name: "/k8s-cluster", retention_in_days: 365, kms_key_id: kmsKeyArn });
});

test("every machine has a stream for its services and one for its pods, which Terraform makes (FT-93)", () => {
  expect(
    all(shipped, "aws_cloudwatch_log_stream")
      .map(({ name }) => name as string)
      .sort(),
  ).toEqual(["controller-0/pods", "controller-0/system", "worker-0/pods", "worker-0/system"]);
});

test("machines of both roles may write into streams of that group, and nothing else (FT-90, FT-93)", () => {
  const [statement] = Object.entries(shipped.data["aws_iam_policy_document"] ?? {}).find(([name]) =>
    name.includes("logs_write"),
  )![1]["statement"] as { actions: string[]; resources: string[] }[];

  expect(statement!.actions).toEqual(["logs:PutLogEvents"]);
  expect(statement!.resources).toEqual([
    expect.stringMatching(/^\$\{aws_cloudwatch_log_group\.cluster_logs_[0-9A-F]{8}\.arn\}:log-stream:\*$/),
  ]);
  expect(Object.keys(named(shipped, "aws_iam_role_policy"))).toEqual([
    "cluster_control-plane-role_inline-write-logs",
    "cluster_worker-role_inline-write-logs",
  ]);
});

test("the stage runs on every machine after the workers, when the streams are there (FT-93, FT-49)", () => {
  for (const name of ["logs/controller-0", "logs/worker-0"] as const) {
    expect(dependencies(stage(shipped, name))).toEqual(
      expect.arrayContaining([
        "aws_cloudwatch_log_stream.cluster_logs_controller-0-pods",
        "aws_cloudwatch_log_stream.cluster_logs_worker-0-system",
        "null_resource.cluster_stage-worker_worker-0",
      ]),
    );
  }
  expect(env(shipped, "logs/worker-0")).toMatchObject({
    NODE_NAME: "worker-0",
    OTELCOL_URL:
      "https://github.com/open-telemetry/opentelemetry-collector-releases/releases/download/v0.155.0/otelcol-contrib_0.155.0_linux_amd64.tar.gz",
    LOGS_ENDPOINT: expect.stringMatching(
      /^https:\/\/logs\.\$\{data\.aws_region\..*\.\$\{data\.aws_partition\./,
    ) as string,
  });
});

describe("the collector's configuration", () => {
  const text = readFileSync(join(__dirname, "../../scripts/logs/config/otelcol.yaml"), "utf8");
  const { receivers, exporters, service } = parse(text) as {
    receivers: Record<string, { include?: string[]; units?: string[] }>;
    exporters: Record<string, { headers: Record<string, string>; auth: { authenticator: string } }>;
    service: { pipelines: Record<string, { receivers: string[]; exporters: string[] }> };
  };

  test("reads the files that kubelet reads for kubectl logs, and takes none of them away (FT-93, F-33)", () => {
    expect(receivers["file_log/pods"]!.include).toEqual(["/var/log/pods/*/*/*.log"]);
    expect(text).not.toMatch(/delete_after_read|awslogs/);
  });

  test("reads the journal of every service that a stage runs (FT-93)", () => {
    expect(receivers["journald/system"]!.units).toEqual(
      expect.arrayContaining(["etcd", "kube-apiserver", "kubelet", "containerd", "kube-proxy"]),
    );
  });

  test("writes each into the stream of that name (FT-93)", () => {
    for (const what of ["pods", "system"]) {
      expect(exporters[`otlp_http/${what}`]!.headers["x-aws-log-stream"]).toBe(`\${env:NODE_NAME}/${what}`);
      expect(exporters[`otlp_http/${what}`]!.auth.authenticator).toBe("sigv4auth");
      expect(service.pipelines[`logs/${what}`]!.exporters).toEqual([`otlp_http/${what}`]);
    }
  });
});
