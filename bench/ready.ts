import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { kubeadm } from "../lab/artifacts/kubeadm";
import { systemPackages } from "../lab/artifacts/system-packages";
import { Cluster, prepare, type Artifacts } from "../lab/commands/cluster";
import { Progress } from "../lab/commands/progress";
import { down, up } from "../lab/lab";
import { labFolder } from "../lab/terraform/workspace";
import { runKubeadm, type KubeadmWay } from "./ready/kubeadm";
import { Machines } from "./ready/machines";
import { Stopwatch } from "./ready/stopwatch";

// npm run bench:ready [stages] [parallel] [sequential] [stages-prepared] [prepared] [preloaded]: from six machines that answer SSH
// to a cluster that answers, by the library's stages and by kubeadm, in one lab. The machines are made anew for each: same type,
// same image, same addresses. Prepared ones have their programs before the clock starts, preloaded ones their images too.
const KUBEADM: readonly KubeadmWay[] = [
  { id: "parallel", name: "kubeadm, joins at the same time", joins: "parallel", beforehand: "nothing" },
  { id: "sequential", name: "kubeadm, joins one after the other", joins: "sequential", beforehand: "nothing" },
  { id: "prepared", name: "kubeadm, at the same time, programs there", joins: "parallel", beforehand: "programs" },
  { id: "preloaded", name: "kubeadm, at the same time, images too", joins: "parallel", beforehand: "images" },
];
const { line } = new Progress();

async function race(asked: readonly string[]): Promise<void> {
  await systemPackages(line);
  const artifacts = await prepare({ log: line });
  const program = await kubeadm(line);
  const cluster = new Cluster("ready", join(labFolder, "bench"));
  cluster.forget();
  const stack = cluster.synthesise(join(__dirname, "ready", "app.ts"));
  await up({ owner: __dirname, log: line });
  try {
    const machines = new Machines(cluster, stack, artifacts);
    await machines.init();
    const ways = [
      { id: "stages", name: "the library's stages", against: "stages", make: () => stages(machines) },
      {
        id: "stages-prepared",
        name: "the library's stages, programs there",
        against: "stages-prepared",
        make: () => prepared(machines),
      },
      ...KUBEADM.map((way) => ({
        id: way.id,
        name: way.name,
        against: way.beforehand === "nothing" ? "stages" : "stages-prepared",
        make: () => runKubeadm(machines, way, program),
      })),
    ];
    const results = new Map<string, number>();
    for (const { id, name, make } of ways.filter(({ id }) => asked.length === 0 || asked.includes(id))) {
      line(`${name}: machines`);
      await machines.renew();
      readOnce(artifacts);
      line(name);
      try {
        const watch = await make();
        for (const lap of watch.laps) line(`  ${lap.name.padEnd(28)} ${lap.seconds.toFixed(1)} s`);
        line(`${name}: ${watch.seconds.toFixed(1)} s`);
        results.set(id, watch.seconds);
      } catch (error) {
        // One that fails says why; the others can still be measured.
        line(`${name}: ${String(error)}`);
        line(await machines.on("controller-0", "journalctl -u kubelet -n 20 --no-pager -o cat 2>&1").catch(String));
        process.exitCode = 1;
      }
    }
    for (const { id, name, against } of ways) {
      const seconds = results.get(id);
      if (seconds === undefined) continue;
      const ours = results.get(against);
      const times = ours === undefined ? "" : `${(seconds / ours).toFixed(2)} times the library's`;
      process.stdout.write(`${name.padEnd(42)}${seconds.toFixed(1).padStart(7)} s  ${times}\n`);
    }
  } finally {
    await down({ log: line });
  }
}

/** With what the stages that fetch programs have done already. */
async function prepared(machines: Machines): Promise<Stopwatch> {
  await machines.programs();
  return stages(machines);
}

/** The time from the first stage's first resource to the last one's end, and until the cluster answers. */
async function stages(machines: Machines): Promise<Stopwatch> {
  const whole = new Stopwatch();
  let watch: Stopwatch | undefined;
  const spans = new Map<string, { readonly from: number; to: number }>();
  await machines.bootstrap(({ type, hook }) => {
    const name = /stage-([a-z-]+)_/.exec(hook?.resource.addr ?? "")?.[1];
    if (name === undefined || !type.startsWith("apply_")) return;
    if (type === "apply_start" && watch === undefined) {
      whole.lap("refresh and plan");
      watch = new Stopwatch();
    }
    const now = watch?.now ?? 0;
    const span = spans.get(name) ?? { from: now, to: now };
    spans.set(name, { ...span, to: now });
  });
  if (watch === undefined) throw new Error("the apply ran no stage");
  watch.lap("stages");
  await machines.answer(machines.workers.length, "/var/lib/kubernetes/admin.kubeconfig");
  watch.lap("Ready, DNS and Services");
  line(`  not counted: Terraform's refresh and plan ${whole.seconds.toFixed(1)} s`);
  for (const [name, { from, to }] of spans)
    line(`    ${name.padEnd(26)} ${from.toFixed(1).padStart(5)} to ${to.toFixed(1).padStart(5)} s`);
  return watch;
}

/** Reads what machines will download, so that no way pays for a disk that the others find warm. */
function readOnce({ mirrorFolder, imagesFolder }: Artifacts): void {
  for (const folder of [mirrorFolder, imagesFolder])
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) readFileSync(join(entry.parentPath, entry.name));
}

race(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
