import { spawnSync } from "node:child_process";
import { renderEnv } from "../../constructs/core/env-file";

test("writes a line for each value, in their order", () => {
  expect(renderEnv({ NODE_NAME: "worker-0", NODE_IP: "10.240.0.20" })).toBe(
    "NODE_NAME='worker-0'\nNODE_IP='10.240.0.20'\n",
  );
});

test("writes an empty value as one", () => {
  expect(renderEnv({ IMAGE_MIRROR: "" })).toBe("IMAGE_MIRROR=''\n");
});

test.each(["$HOME", "a b", "`id`", 'say "so"', "back\\slash", "#", "*", "${NODE_IP}", "%{ if true }"])(
  "a shell reads %j back as it is (FT-52)",
  (value) => {
    const script = `${renderEnv({ VALUE: value })}printf %s "$VALUE"`;

    expect(spawnSync("sh", ["-c", script], { encoding: "utf8" }).stdout).toBe(value);
  },
);

test.each(["it's", "two\nlines", "return\r"])("rejects %j, which no such line can hold", (value) => {
  expect(() => renderEnv({ CLUSTER_NAME: value })).toThrow(
    `CLUSTER_NAME must have no quote and no line break, got ${JSON.stringify(value)}`,
  );
});
