import { App } from "cdktf";
import { describedNetwork, hybrid } from "../../../stacks/hybrid";

// The stack hybrid of main.ts, with the other way of asking for health.
const app = new App();
hybrid(app, "root", describedNetwork(), { healthCheck: "nginx" });
app.synth();
