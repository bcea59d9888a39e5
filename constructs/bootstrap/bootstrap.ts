import { Resource as NullResource } from "@cdktf/provider-null/lib/resource";
import {
  TerraformLocal,
  type FileProvisioner,
  type TerraformResource,
  type RemoteExecProvisioner,
  type SSHProvisionerConnection,
} from "cdktf";
import { Construct } from "constructs";
import { renderEnv } from "../core/env-file";
import { scriptFolder, type ScriptFolder } from "./node-scripts";
import type { NodeEnv } from "./node-env";
import { stageNamed, type StageName } from "./stages";

/** A machine that a stage runs on. */
export interface BootstrapTarget {
  readonly name: string;
  readonly instanceId: string;
  /** Where Terraform reaches its SSH. */
  readonly host: string;
  /** What the SSH server there has to show: at its first connection one of two keys, afterwards the lasting one. */
  readonly sshHostKey: { readonly firstPublicKey: string; readonly publicKey: string };
}

/** How Terraform logs in. */
export interface SshLogin {
  readonly user: string;
  readonly privateKey: string;
  /** How long to try, with its unit. */
  readonly timeout: string;
  /** What leads to a host that shows one of the keys, through another. @default - directly */
  readonly through?: (host: string, keys: readonly string[]) => Through;
}

/** Of a connection, what is said of the bastion; and the host's keys, which Terraform asks the bastion for too. */
type Through = Pick<
  SSHProvisionerConnection,
  "hostKey" | "bastionHost" | "bastionPort" | "bastionHostKey" | "bastionUser" | "bastionPrivateKey"
>;

export interface BootstrapProps<Target extends BootstrapTarget> {
  readonly stage: StageName;
  readonly machines: readonly Target[];
  readonly ssh: SshLogin;
  /** Values of `node.env`; those that the stage does not read are left out of it. */
  readonly env: (machine: Target) => Partial<NodeEnv>;
  /** Contents by file name, for exactly the files of the stage. Sensitive. */
  readonly files?: (machine: Target) => Readonly<Record<string, string>>;
  /** What has to be there first. */
  readonly after: readonly TerraformResource[];
}

/**
 * One stage on each of its machines, over SSH. It runs again on a machine when the machine, the stage's scripts, a value
 * that they read or a file that they install changes; and nothing else runs then.
 */
export class Bootstrap<Target extends BootstrapTarget> extends Construct {
  /** What another stage waits for. */
  readonly done: readonly TerraformResource[];

  constructor(scope: Construct, id: string, props: BootstrapProps<Target>) {
    super(scope, id);
    const { ssh, after } = props;
    const stage = stageNamed(props.stage);
    const library = scriptFolder(this, "lib");
    const scripts = scriptFolder(this, stage.name);
    // Relative: the login user's home, whatever it is called. 0700, since Terraform writes every file 0644.
    const folder = `kubernetes-bootstrap/${stage.name}`;

    // One local that every machine waits for: were each to name all of `after` itself, the edges of Terraform's graph would
    // grow with the square of the machines, and planning 300 of them would take minutes. As text, since tokens are slow.
    const addresses = after.map(({ terraformResourceType, friendlyUniqueId: id }) => `${terraformResourceType}.${id}`);
    const complete =
      after.length === 0 ? undefined : new TerraformLocal(this, "after", `\${length([${addresses.join(", ")}])}`);

    this.done = props.machines.map((machine) => {
      const env = renderEnv(pick(props.env(machine), stage.reads, `${stage.name} on ${machine.name}`));
      const files = pick(props.files?.(machine) ?? {}, stage.files, `${stage.name} on ${machine.name}`);
      // A local, because a text with tokens in it cannot stand inside one of Terraform's functions.
      const contents = stage.files.length === 0 ? undefined : new TerraformLocal(this, `${machine.name}-files`, files);
      const { firstPublicKey, publicKey } = machine.sshHostKey;
      // Where a run was cut off after the change, the machine has the lasting key.
      const keys = stage.firstConnection ? [firstPublicKey, publicKey] : [publicKey];
      const connection: SSHProvisionerConnection = {
        type: "ssh",
        host: machine.host,
        user: ssh.user,
        privateKey: ssh.privateKey,
        timeout: ssh.timeout,
        agent: "false",
        // Terraform writes what it is given behind the address into a known_hosts file, so a second line is a second key.
        ...(ssh.through?.(machine.host, keys) ?? { hostKey: keys.join("\n* ") }),
      };
      const remote = (...inline: string[]): RemoteExecProvisioner => ({ type: "remote-exec", inline });
      // All as one, since each upload is an SSH connection of its own. As text: tokens cost more than all else.
      const upload = [
        linesOf("lib", library),
        linesOf(stage.name, scripts),
        `["node.env \${base64encode(${stage.firstConnection ? JSON.stringify(env) : "self.triggers.env"})}\\n"]`,
        ...(contents === undefined
          ? []
          : [`[for name, text in local.${contents.friendlyUniqueId} : "files/\${name} \${base64encode(text)}\\n"]`]),
      ];
      const file: FileProvisioner = {
        type: "file",
        destination: `${folder}/upload.txt`,
        content: `\${join("", concat(${upload.join(", ")}))}`,
      };

      const resource = new NullResource(this, machine.name, {
        triggers: {
          instance: machine.instanceId,
          ...(stage.firstConnection ? {} : { scripts: `${library.hash} ${scripts.hash}`, env }),
          ...(contents === undefined ? {} : { files: `\${sha256(jsonencode(local.${contents.friendlyUniqueId}))}` }),
        },
        connection,
        provisioners: [
          remote(
            "set -eu",
            // Packages and host name are cloud-init's until it is done, which this file tells; asking it takes half a second.
            "if [ ! -e /run/cloud-init/result.json ] && command -v cloud-init >/dev/null; then sudo timeout 300 cloud-init status --wait >/dev/null || true; fi",
            "umask 077",
            `rm -rf ${folder}`,
            `mkdir -p ${[...library.folders, ...scripts.folders, "files"].map((name) => `${folder}/${name}`).join(" ")}`,
            "chmod 0700 kubernetes-bootstrap",
          ),
          file,
          // No secret stands in this one, so that Terraform shows what it prints.
          remote(...unpack(folder), `sudo bash ${folder}/${stage.name}/run.sh`),
        ],
      });
      if (complete !== undefined) resource.dependsOn = [`local.${complete.friendlyUniqueId}`];
      return resource;
    });
  }
}

/** An expression: a line `name base64` for each file of a folder of scripts. */
const linesOf = (name: string, { source }: ScriptFolder): string =>
  `[for file in fileset("${source}", "**") : "${name}/\${file} \${filebase64("${source}\${file}")}\\n"]`;

/**
 * Makes files of such lines, for the login user alone. By bash, since sh reads a byte at a time. There are keys in the lines, so they
 * go in any case.
 */
const unpack = (folder: string): string[] => [
  "set -eu",
  "umask 077",
  `bash -euc 'trap "rm -f ${folder}/upload.txt" EXIT; while read -r name text; do printf %s "$text" | base64 -d >"${folder}/$name" || { echo "error: cannot unpack ${folder}/$name on $(uname -n); make room there if its disk is full, and run terraform apply again" >&2; exit 1; }; done <${folder}/upload.txt'`,
];

/** Exactly the entries of `names`, in their order. */
function pick(
  values: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
  where: string,
): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      const value = values[name];
      if (value === undefined) throw new Error(`${where} needs ${name}`);
      return [name, value];
    }),
  );
}
