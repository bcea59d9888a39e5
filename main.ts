import { App } from "cdktf";
import { eks } from "./stacks/eks";
import { hardWay } from "./stacks/hard-way";
import { hybrid } from "./stacks/hybrid";

// Each stack is a Terraform folder of its own, with a state of its own: cdktf.out/stacks/hard-way, cdktf.out/stacks/eks.
const app = new App();
hardWay(app);
eks(app);
hybrid(app);
app.synth();

// The cdktf command shows warnings by itself, plain node does not.
for (const { annotations } of Object.values(app.manifest.stacks))
  for (const { message } of annotations) process.stderr.write(`warning: ${message}\n`);
