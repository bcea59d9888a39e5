import type { HardWaySettings } from "./hard-way-settings";
import { PRIVATE } from "./private";
import type { Rule } from "./rule";

const url = /^(https?:\/\/[^\s'"]+)?$/;
const mirrorVariable = (name: string) => ({
  condition: `can(regex("^(https?://[^\\\\s'\\"]+)?$", var.${name}))`,
  breaks: "ftp://mirror",
});

/** Where nodes fetch from. */
export const SOURCE_RULES: readonly Rule<HardWaySettings>[] = [
  {
    id: "private-mirrors",
    of: (settings) =>
      settings.topology !== "private" || settings.nat !== "none" || settings.proxy !== undefined
        ? {}
        : {
            "mirrors.downloads": settings.downloadMirror,
            "mirrors.images": settings.imageMirror,
            "mirrors.packages": settings.packageMirror,
          },
    accepts: (mirror: string) => mirror !== "",
    must: "must be named where nothing leads to the internet, or no node could fetch anything",
    cure: "name a mirror inside the network, or give private machines NAT or a proxy",
    breaks: (good) => ({ ...good, ...PRIVATE, imageMirror: "" }),
  },
  {
    id: "mirror",
    also: ["node"],
    of: ({ downloadMirror, imageMirror, packageMirror }) => ({
      "mirrors.downloads": downloadMirror,
      "mirrors.images": imageMirror,
      "mirrors.packages": packageMirror,
    }),
    accepts: (mirror: string) => url.test(mirror),
    must: "must be empty or an http(s) URL",
    cure: "write it as in https://mirror.example.com",
    breaks: (good) => ({ ...good, imageMirror: "mirror.example.com" }),
    variables: {
      download_mirror: mirrorVariable("download_mirror"),
      image_mirror: mirrorVariable("image_mirror"),
      package_mirror: mirrorVariable("package_mirror"),
    },
  },
  {
    id: "checksums",
    also: ["node"],
    of: ({ checksums }) => ({ checksums }),
    accepts: (sums: Readonly<Record<string, string>>) => Object.values(sums).every((sum) => /^[0-9a-f]{64}$/.test(sum)),
    must: "must map URLs without their scheme to sha256 sums of 64 hexadecimal digits",
    cure: "take them from the publisher, or from sha256sum of the files in your mirror",
    breaks: (good) => ({ ...good, checksums: { "dl.k8s.io/kubelet": "abc" } }),
    variables: {
      checksums: {
        condition: 'alltrue([for sum in values(var.checksums) : can(regex("^[0-9a-f]{64}$", sum))])',
        breaks: '{"dl.k8s.io/kubelet":"abc"}',
      },
    },
  },
];
