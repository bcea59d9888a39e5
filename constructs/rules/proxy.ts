import type { HardWaySettings } from "./hard-way-settings";
import type { Rule } from "./rule";

const PROXY = { url: "http://proxy.corp.example:3128" };

/** A user that does not belong there is not shown either. */
const hidden = (url: string | undefined): string | undefined => url?.replace(/\/\/[^@]*@/, "//***@");

interface Proxied {
  readonly proxy:
    | {
        readonly url: string;
        readonly httpsUrl?: string;
        readonly exceptions?: readonly string[];
        readonly caBundle?: string;
      }
    | undefined;
}

/** Where a proxy is. */
export const proxyUrlRule = <Settings extends Proxied>(): Rule<Settings> => ({
  id: "proxy-url",
  of: ({ proxy }) => ({ "proxy.url": hidden(proxy?.url), "proxy.httpsUrl": hidden(proxy?.httpsUrl) }),
  accepts: (url: string) => /^https?:\/\/[A-Za-z0-9.-]+:[0-9]{1,5}\/?$/.test(url),
  must: "must be the http or https URL of a proxy, with its port and without a user, since it stands in plans",
  cure: "write it as in http://proxy.corp.example:3128, and its user in proxy.credentials",
  breaks: (good) => ({ ...good, proxy: { url: "proxy.corp.example:3128" } }),
  variables: {
    proxy_url: {
      condition: 'can(regex("^https?://[A-Za-z0-9.-]+:[0-9]{1,5}/?$", var.proxy_url))',
      breaks: "proxy.corp.example:3128",
    },
  },
});

/** What is reached without it. */
export const proxyExceptionsRule = <Settings extends Proxied>(): Rule<Settings> => ({
  id: "proxy-exceptions",
  of: ({ proxy }) => ({ "proxy.exceptions": proxy?.exceptions }),
  accepts: (exceptions: readonly string[]) => exceptions.every((exception) => /^[A-Za-z0-9.:/_-]+$/.test(exception)),
  must: "must be names, names that begin with a dot for everything below them, addresses or blocks, each by itself",
  cure: "write one for each entry, as in .corp.example or 172.16.0.0/12, and without *, which no program knows",
  breaks: (good) => ({ ...good, proxy: { ...PROXY, exceptions: ["*.corp.example"] } }),
});

/** Whose certificates it shows instead of others'. */
export const proxyCaRule = <Settings extends Proxied>(): Rule<Settings> => ({
  id: "proxy-ca",
  of: ({ proxy }) => ({ "proxy.caBundle": proxy?.caBundle }),
  accepts: (pem: string) => /^-----BEGIN CERTIFICATE-----\n[^]*-----END CERTIFICATE-----\n?$/.test(pem),
  must: "must be certificates in PEM",
  cure: "read it from the file that the proxy's owners gave you",
  breaks: (good) => ({ ...good, proxy: { ...PROXY, caBundle: "/etc/ssl/corp.pem" } }),
});

/** The way out through an HTTP proxy. */
export const PROXY_RULES: readonly Rule<HardWaySettings>[] = [proxyUrlRule(), proxyExceptionsRule(), proxyCaRule()];
