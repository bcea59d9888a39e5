import { PORTS } from "../../constructs/facts/ports";

test("the ports are those that Kubernetes and etcd document", () => {
  expect(PORTS).toEqual({
    ssh: 22,
    healthProxy: 80,
    etcdClient: 2379,
    etcdPeer: 2380,
    api: 6443,
    kubelet: 10250,
    vxlan: 8472,
    nodePortFirst: 30000,
    nodePortLast: 32767,
  });
});
