/** Which code makes the runs: where it is built, its commit, the version of Node. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { modelHash, modelPackages, swarmModelPackages } from "@shardlab/results";
import { isSwarm, type Scenario } from "@shardlab/scenario";

/**
 * What made a run.
 *
 * @property commit, dirty null outside a git checkout.
 * @property node version without the leading `v`.
 */
export interface Provenance {
  readonly commit: string | null;
  readonly dirty: boolean | null;
  readonly node: string;
}

/** The folder that holds the built packages, seen from this file whether it is bundled or not. */
export function packagesRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "contracts", "dist"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error("packages not found above this file");
    folder = parent;
  }
  return folder;
}

/** The content hash of the code that makes runs of this scenario. @throws ResultsError when a package has not been built. */
export const modelHashOf = (scenario: Scenario): string =>
  modelHash(packagesRoot(), isSwarm(scenario) ? swarmModelPackages : modelPackages);

function git(args: readonly string[]): string | null {
  try {
    return execFileSync("git", args, {
      cwd: packagesRoot(),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return null;
  }
}

/** The commit and whether files differ from it (null outside a git checkout), and the version of Node. */
export function provenance(): Provenance {
  const commit = git(["rev-parse", "HEAD"]);
  const changes = commit === null ? null : git(["status", "--porcelain", "--untracked-files=no"]);
  return { commit, dirty: changes === null ? null : changes !== "", node: process.versions.node };
}
