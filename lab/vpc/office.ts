/** Who may use the office's proxy: a password that a URL has to write in codes. */
export const proxyUser = { name: "kubernetes", password: "pass word+'%@" } as const;

/** Its name server, which the VPCs that it reaches ask. */
export const officeResolver = "10.1.0.53";

/** A command as somebody in the office runs it. */
export const officeCommand = (argv: readonly string[]): string[] => ["ip", "netns", "exec", "lab-office", ...argv];

/** What the stack of a hybrid cluster needs instead of what one with public addresses does. */
export function officeEnvironment(): Record<string, string> {
  return {
    TF_VAR_admin_cidrs: JSON.stringify(["10.1.0.0/16"]),
    TF_VAR_proxy_url: "http://proxy.corp.example:3128",
    TF_VAR_proxy_user: proxyUser.name,
    TF_VAR_proxy_password: proxyUser.password,
    TF_VAR_proxy_exceptions: JSON.stringify([".corp.example"]),
  };
}
