import { TerraformOutput, TerraformVariable } from "cdktf";
import { noProxy, proxyEnvironment } from "../../constructs/network/proxy";
import { synth } from "../support/synth";

const REACHED = {
  networkCidr: "10.20.0.0/16",
  podCidr: "10.200.0.0/16",
  serviceCidr: "10.32.0.0/24",
  clusterDomain: "cluster.local",
  apiName: "api.example",
};
const ALWAYS =
  "localhost,127.0.0.0/8,::1,169.254.169.254,fd00:ec2::254,169.254.170.23,fd00:ec2::23," +
  "10.20.0.0/16,10.200.0.0/16,10.32.0.0/24,.svc,.cluster.local,api.example";

test("what a cluster reaches directly is derived from what it is made of (FT-87, S4-08)", () => {
  expect(noProxy(REACHED)).toBe(ALWAYS);
});

test("people's own exceptions come last, each once (FT-87)", () => {
  expect(noProxy(REACHED, [".corp.example", "10.20.0.0/16", ".corp.example"])).toBe(`${ALWAYS},.corp.example`);
});

test("an exception that is a part of another is one of its own (FT-87)", () => {
  expect(noProxy(REACHED, ["10.20.0.0/1", "api.exam"])).toBe(`${ALWAYS},10.20.0.0/1,api.exam`);
});

test("programs find each variable in both cases (FT-87)", () => {
  const text = proxyEnvironment({ url: "http://proxy.example:3128", httpsUrl: "http://other.example:3129" }, REACHED);

  expect(text).toBe(
    "http_proxy='http://proxy.example:3128'\nHTTP_PROXY='http://proxy.example:3128'\n" +
      "https_proxy='http://other.example:3129'\nHTTPS_PROXY='http://other.example:3129'\n" +
      `no_proxy='${ALWAYS}'\nNO_PROXY='${ALWAYS}'\n`,
  );
});

test("a user is written into the URL by Terraform, coded (FT-87, LD-14)", () => {
  const stack = synth((scope) => {
    const [username, password] = ["user", "password"].map((name) => new TerraformVariable(scope, name, {}).stringValue);
    const credentials = { username: username!, password: password! };
    const value = proxyEnvironment({ url: "http://proxy.example:3128", credentials }, REACHED);
    new TerraformOutput(scope, "environment", { value });
  });

  expect(stack.json).toContain(
    'http_proxy=\'${replace(\\"http://proxy.example:3128\\", \\"://\\", format(\\"://%s:%s@\\", ' +
      'replace(urlencode(var.user), \\"+\\", \\"%20\\"), replace(urlencode(var.password), \\"+\\", \\"%20\\")))}\'',
  );
});

test("exceptions may come from a Terraform variable (FT-87)", () => {
  const stack = synth((scope) => {
    const exceptions = new TerraformVariable(scope, "exceptions", { type: "list(string)" }).listValue;
    new TerraformOutput(scope, "exceptions-of-both", { value: noProxy(REACHED, exceptions) });
  });

  expect(stack.json).toMatch(
    /\$\{join\(\\",\\", distinct\(concat\(\[\\"localhost\\",.*\\"api\.example\\"\], var\.exceptions\)\)\)\}/,
  );
});
