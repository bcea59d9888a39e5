import { MachinesApp } from "../support/machines-app";
import { describedNetwork } from "../../stacks/hybrid";

// One controller and one worker in a private network that is there, and as the only way to them a bastion that is there.
const app = new MachinesApp("hybrid");
const bastionKey = app.variable("bastion_key");
bastionKey.addOverride("sensitive", true);
const cluster = app.cluster({
  existingNetwork: describedNetwork()!,
  proxy: {
    url: app.variable("proxy_url").stringValue,
    credentials: {
      username: app.variable("proxy_user").stringValue,
      password: app.variable("proxy_password").stringValue,
    },
    exceptions: app.variable("proxy_exceptions", "list(string)").listValue,
  },
  access: "none",
  ssh: {
    timeout: app.variable("ssh_timeout").stringValue,
    bastion: {
      host: app.variable("bastion_host").stringValue,
      port: app.variable("bastion_port", "number").numberValue,
      user: app.variable("bastion_user").stringValue,
      privateKey: bastionKey.stringValue,
      hostKeys: app.variable("bastion_host_keys", "list(string)").listValue,
      securityGroupId: app.variable("bastion_group").stringValue,
    },
  },
  controlPlane: { count: 1 },
  workers: { count: 1 },
  mirrors: app.mirrors(),
});
app.outputs(cluster, "privateIp");
app.synth();
