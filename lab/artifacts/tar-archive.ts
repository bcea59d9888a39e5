import { command } from "./command";

/** The same tree gives the same bytes, whenever and by whomever it is packed. */
const deterministic = ["--sort=name", "--format=gnu", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0"];

/** Packs `names` (or everything, as `./…`) of a folder; `compress: false` leaves it a plain tar. */
export async function tarArchive(
  folder: string,
  target: string,
  names: readonly string[] = ["."],
  compress = true,
): Promise<void> {
  const compression = compress ? ["--use-compress-program=gzip --no-name --fast"] : [];
  await command("tar", [
    "--create",
    ...deterministic,
    ...compression,
    `--file=${target}`,
    `--directory=${folder}`,
    ...names,
  ]);
}
