import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ResultsError } from "./results-error.ts";

/** The packages whose code decides what a run of the economy computes. */
export const modelPackages = [
  ...["contracts", "numerics", "random", "devices", "ledger", "games"],
  ...["mechanisms", "markets", "strategies", "attacks", "verification", "economy"],
] as const;

/** The packages whose code decides what a run of the swarm computes. */
export const swarmModelPackages = [
  ...["contracts", "numerics", "random", "devices", "des", "network"],
  ...["learning", "compressors", "protocol", "simulation", "runner"],
] as const;

const hashDigits = 16;
const isModelCode = (path: string): boolean => /\.(js|wasm)$/.test(path) && !/\.(test|bench)\.js$/.test(path);

/** Relative paths of the files below `directory`, with `/` between folders, in the order of their code points. */
function builtFiles(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, encoding: "utf8" })
      .map((path) => path.replaceAll("\\", "/"))
      .filter(isModelCode)
      .sort();
  } catch {
    return [];
  }
}

/**
 * The content hash of the model: SHA-256 over the paths and contents of the built code (`dist`, tests left out) of the
 * model packages. Two runs with the same scenario, seed and model hash have the same trace.
 *
 * @param packagesRoot the folder that holds the packages.
 * @param packages names of those that count; the economy's unless given.
 * @returns 16 hexadecimal digits.
 * @throws ResultsError when a package has not been built.
 */
export function modelHash(packagesRoot: string, packages: readonly string[] = modelPackages): string {
  const hash = createHash("sha256");
  for (const name of packages) {
    const directory = join(packagesRoot, name, "dist");
    const files = builtFiles(directory);
    if (files.length === 0) throw new ResultsError(`model package not built: ${name}`);
    for (const file of files) {
      const content = readFileSync(join(directory, file));
      hash.update(`${name}/${file}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest("hex").slice(0, hashDigits);
}
