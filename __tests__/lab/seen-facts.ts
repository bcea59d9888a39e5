import { parse } from "yaml";
import { type Cluster, capture } from "../../lab/commands/cluster";
import { CONFIGS, type Program } from "../scripts/support/cis-controls";
import type { Facts } from "../scripts/support/cis-facts";

/** Prints, as root, what runs with which flags, which files there are, and the configurations; secrets are cut out. */
const LOOK = `
for process in /proc/[0-9]*; do
  program=$(readlink "$process/exe") || continue
  case $program in /usr/local/bin/etcd | /usr/local/bin/kube*) ;; *) continue ;; esac
  tr '\\0' '\\n' <"$process/cmdline" | sed -n "s|^--|flag \${program##*/} --|p"
done
find /etc/systemd/system /etc/cni/net.d /etc/etcd /etc/kubernetes/config /var/lib/etcd /var/lib/kubernetes \\
  /var/lib/kubelet /var/lib/kube-proxy /root/.kube -maxdepth 1 -printf 'file %m %u:%g %p\\n'
ss -Hltnp | sed 's/^/listen /'
for certificate in /etc/etcd/etcd.pem /var/lib/kubernetes/*.pem /var/lib/kubelet/*.pem; do
  for authority in /etc/etcd/ca.pem /var/lib/kubernetes/*ca.pem; do
    [ "$certificate" = "$authority" ] || ! openssl verify -CAfile "$authority" "$certificate" >/dev/null ||
      echo "signed $certificate $authority"
  done
done
find /etc/etcd /var/lib/kubernetes -name ca.pem -exec sha256sum {} + | sed 's/^/sum /'
for config in ${Object.values(CONFIGS).join(" ")}; do
  [ -e "$config" ] || continue
  printf 'config %s %s\\n' "$config" "$(sed 's/secret: .*/secret: hidden/' "$config" | base64 -w 0)"
done
`;

/** What is seen of a running machine beside what the controls look at. */
export interface SeenFacts extends Facts {
  /** Sockets of TCP, such as `6443 all kube-apiserver`. */
  readonly listens: readonly string[];
  /** The authorities on the machine that vouch for a certificate there, by the certificate's path. */
  readonly signers: Readonly<Record<string, readonly string[]>>;
}

/** What a machine is seen to be, by one call to it. */
function seen(cluster: Cluster, machine: string): SeenFacts {
  const { stdout } = capture(cluster.sshCommand(machine, ["sudo", "bash", "-s", "2>/dev/null"]), { input: LOOK });
  const lines = (kind: string): string[] =>
    stdout.split("\n").flatMap((line) => (line.startsWith(`${kind} `) ? [line.slice(kind.length + 1)] : []));

  const flags: Partial<Record<Program, Record<string, string>>> = {};
  for (const line of lines("flag")) {
    const [, program, flag, value] = /^(\S+) (--[^=]+)=?(.*)$/.exec(line)!;
    (flags[program as Program] ??= {})[flag!] = value!;
  }
  const sums = new Map(lines("sum").map((line) => [line.slice(66), line.slice(0, 64)]));
  const files = Object.fromEntries(
    lines("file").map((line) => {
      const [, mode, owner, path] = /^(\S+) (\S+) (.*)$/.exec(line)!;
      return [path!, { mode: mode!, owner: owner!, sum: sums.get(path!) ?? "" }];
    }),
  );
  const configs = Object.fromEntries(
    lines("config").map((line) => {
      const [path, content] = line.split(" ");
      return [path!, parse(Buffer.from(content!, "base64").toString()) as unknown];
    }),
  );
  const signers: Record<string, string[]> = {};
  for (const line of lines("signed")) {
    const [certificate = "", authority = ""] = line.split(" ");
    (signers[certificate] ??= []).push(authority);
  }
  return { flags, configs, files, listens: lines("listen").map(socket).sort(), signers };
}

function socket(line: string): string {
  const local = line.split(/\s+/)[3] ?? "";
  const [, address = "", port = ""] = /^(.*):(\d+)$/.exec(local) ?? [];
  const [, short = ""] = /users:\(\("([^"]+)"/.exec(line) ?? [];
  // The kernel keeps 15 letters of a program's name.
  const program = short === "kube-controller" ? "kube-controller-manager" : short;
  const at = ["*", "0.0.0.0", "[::]"].includes(address) ? "all" : address === "127.0.0.1" ? address : "the machine's";
  return [program === "containerd" ? "any" : port, at, program].join(" ");
}

export const controllerFactsOf = seen;

/** A worker with what its kubelet says that it goes by: drop-ins of the machine are in that. */
export function workerFactsOf(cluster: Cluster, machine: string, kubectl: (...args: string[]) => string): SeenFacts {
  const facts = seen(cluster, machine);
  const { kubeletconfig } = JSON.parse(kubectl("get", "--raw", `/api/v1/nodes/${machine}/proxy/configz`)) as {
    kubeletconfig: unknown;
  };
  return { ...facts, configs: { ...facts.configs, [CONFIGS.kubelet]: kubeletconfig } };
}
