import { basename } from "node:path";
import { hardWay, stages } from "../support/hard-way";

// Stands for a hash that changes with the folder's content: the trigger says whose hashes it is made of.
jest.mock("../../constructs/core/folder-hash", () => ({ folderHash: (folder: string) => basename(folder) }));

test("a stage runs again for a change of its own scripts or of the library, and of no other stage's (FT-49)", () => {
  const scripts = Object.entries(stages(hardWay())).map(([name, { triggers }]) => [
    name,
    (triggers as { scripts: string }).scripts,
  ]);

  expect(Object.fromEntries(scripts)).toEqual({
    "control-plane-programs/controller-0": "lib control-plane-programs",
    "worker-programs/worker-0": "lib worker-programs",
    "etcd/controller-0": "lib etcd",
    "control-plane/controller-0": "lib control-plane",
    "rbac/controller-0": "lib rbac",
    "worker/worker-0": "lib worker",
    "nodes/controller-0": "lib nodes",
    "coredns/controller-0": "lib coredns",
  });
});
