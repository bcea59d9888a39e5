import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { cached } from "../cache";
import { architecture } from "./architecture";
import { withLock } from "./lock";
import { exists, place, workFolder, writeWhole } from "./record";
import type { LayerEntry } from "./tar-layer";
import { tarLayer } from "./tar-layer";

export const imagesFolder = cached("images");
const referencesFile = join(imagesFolder, "refs.json");

/** The image's configuration, in OCI's own names. */
export interface ImageConfiguration {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, Record<string, never>>>;
  readonly Labels: Readonly<Record<string, string>>;
}

export interface StoredImage {
  /** Digest of the manifest. */
  readonly digest: string;
  /** Paths below the cache of the blobs. */
  readonly paths: readonly string[];
}

/** Writes an image of the given layers into the store of the lab's registry. */
export async function storeImage(
  layers: readonly (readonly LayerEntry[])[],
  configuration: ImageConfiguration,
): Promise<StoredImage> {
  const stored = [];
  const differences: string[] = [];
  for (const layer of layers) {
    const tar = tarLayer(layer);
    differences.push(digestOf(tar));
    const compressed = await promisify(gzip)(tar, { level: 1 });
    stored.push(await storeBlob("application/vnd.oci.image.layer.v1.tar+gzip", compressed));
  }
  const config = await storeBlob(
    "application/vnd.oci.image.config.v1+json",
    json({
      architecture,
      os: "linux",
      config: {
        Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
        WorkingDir: "/",
        ...configuration,
      },
      rootfs: { type: "layers", diff_ids: differences },
    }),
  );
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const manifest = await storeBlob(mediaType, json({ schemaVersion: 2, mediaType, config, layers: stored }));
  const blobs = [config, manifest, ...stored];
  return { digest: manifest.digest, paths: blobs.map(({ digest }) => join("images", blobPath(digest))) };
}

/** Names the registry's images: "repository:tag" → digest. What else the file holds stays, for it is cheap to keep. */
export async function nameImages(references: Readonly<Record<string, string>>): Promise<void> {
  await withLock(
    "names of images",
    () => undefined,
    async () => {
      const before = await readFile(referencesFile, "utf8").catch(() => "{}");
      const after = `${JSON.stringify({ ...(JSON.parse(before) as Record<string, string>), ...references }, undefined, 2)}\n`;
      if (after !== before) await writeWhole(referencesFile, after);
    },
  );
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

async function storeBlob(mediaType: string, content: Buffer): Promise<Descriptor> {
  const digest = digestOf(content);
  const path = join(imagesFolder, blobPath(digest));
  if (!(await exists(path))) {
    const file = join(await workFolder("blob"), "blob");
    await writeFile(file, content);
    await place(file, path);
  }
  return { mediaType, digest, size: content.length };
}

function blobPath(digest: string): string {
  return join("blobs", ...digest.split(":"));
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
