import { Fn, Token } from "cdktf";

/** The HTTP proxy that is the nodes' way out. */
export interface Proxy {
  /** Where it is, such as `http://proxy.corp.example:3128`; no user in it. May be a Terraform variable. */
  readonly url: string;
  /** The one for https, where it is another. @default - the same */
  readonly httpsUrl?: string;
  /** Its user. Sensitive: let it come from Terraform variables. @default - it asks for none */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** Certificates, in PEM, of the authorities behind a proxy that opens TLS. @default - none */
  readonly caBundle?: string;
  /** What is reached without it, besides what `noProxy` derives: names, names below a `.domain`, addresses, blocks. @default - nothing */
  readonly exceptions?: readonly string[];
}

/** What a cluster is made of, as far as its nodes reach it directly. */
export interface Reached {
  readonly networkCidr: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly clusterDomain: string;
  /** Name of the API. */
  readonly apiName: string;
  /** More names, such as those of VPC endpoints and of a private zone. @default - none */
  readonly names?: readonly string[];
}

// Source: AWS, "Instance metadata and user data" and "EKS Pod Identity agent" (2026-11).
const METADATA = ["169.254.169.254", "fd00:ec2::254", "169.254.170.23", "fd00:ec2::23"];

/** What a cluster reaches without the proxy, whatever else its network has. */
function derivedExceptions(reached: Reached): string[] {
  return [
    "localhost",
    "127.0.0.0/8",
    "::1",
    ...METADATA,
    reached.networkCidr,
    reached.podCidr,
    reached.serviceCidr,
    ".svc",
    `.${reached.clusterDomain}`,
    reached.apiName,
    ...(reached.names ?? []),
  ];
}

/** The same as `noProxy`, as a list; of exceptions that are known. */
export const directly = (reached: Reached, exceptions: readonly string[] = []): string[] => [
  ...new Set([...derivedExceptions(reached), ...exceptions]),
];

/** Everything that must not go through the proxy, each once, in an order that stays; the user's own last. */
export function noProxy(reached: Reached, exceptions: readonly string[] = []): string {
  // A list that only Terraform knows is one token, which no set takes apart.
  if (Token.isUnresolved(exceptions))
    return Token.asString(
      Fn.join(",", Token.asList(Fn.distinct(Token.asList(Fn.concat([derivedExceptions(reached), exceptions]))))),
    );
  return directly(reached, exceptions).join(",");
}

/** The variables of the proxy as lines of a file, for curl, Go's programs and systemd. Sensitive, where there are credentials. */
export function proxyEnvironment(proxy: Proxy, reached: Reached): string {
  const { url, httpsUrl = url, exceptions } = proxy;
  const values = { http: withUser(url, proxy), https: withUser(httpsUrl, proxy), no: noProxy(reached, exceptions) };
  // curl takes HTTP_PROXY in lower case alone, and some programs all of them in upper case alone.
  return Object.entries(values)
    .flatMap(([name, value]) => [`${name}_proxy`, `${name}_proxy`.toUpperCase()].map((key) => `${key}='${value}'\n`))
    .join("");
}

function withUser(url: string, { credentials }: Proxy): string {
  if (credentials === undefined) return url;
  // A blank in a query is a plus, which in a user's part of a URL is itself.
  const encoded = [credentials.username, credentials.password].map((part) =>
    Fn.replace(Token.asString(Fn.urlencode(part)), "+", "%20"),
  );
  return Token.asString(Fn.replace(url, "://", Token.asString(Fn.format("://%s:%s@", encoded))));
}
