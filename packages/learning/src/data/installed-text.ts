/** Texts that come with an npm package, read from its files. */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Contents of the files of a package's `data` folder whose names `choose` takes, in the order of their names. */
export function readInstalledText(manifest: string, choose: (name: string) => boolean): string {
  const folder = join(dirname(createRequire(import.meta.url).resolve(manifest)), "data");
  const names = readdirSync(folder).filter(choose).sort();
  return names.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
}
