import { App } from "cdktf";
import { FIREWALL_RULES, type FirewallRule } from "../../../constructs";
import { hardWay } from "../../../stacks/hard-way";
import { blocksOf, page } from "../../support/page";

// The stack of main.ts with the rules that docs/network.md shows to whoever wants NodePorts from outside, as they stand there.
const [, shown = ""] =
  /^ {2}firewallRules: (\[[^]*?^ {2}\]),$/m.exec(blocksOf(page("network.md"), "ts").join("")) ?? [];
// eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is what the page says, and it is ours
const rules = new Function("FIREWALL_RULES", `return ${shown}`) as (rules: unknown) => readonly FirewallRule[];

const app = new App();
hardWay(app, "root", { firewallRules: rules(FIREWALL_RULES) });
app.synth();
