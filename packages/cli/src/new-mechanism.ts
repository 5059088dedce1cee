/** The steps of `shardlab new mechanism`: check the name, look that nothing is in the way, write the files, say what next. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { InputError } from "./input-error.ts";
import { shellQuote } from "./shell-quote.ts";
import { type Installation, mechanismFiles, workflowFile } from "./templates/mechanism-files.ts";
import type { MechanismNames } from "./templates/mechanism-names.ts";
import type { Terminal } from "./terminal.ts";

const namePattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** Words that cannot name the function which makes the rule. */
const reserved = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends false " +
    "finally for function if implements import in instanceof interface let new null package private protected public return " +
    "static super switch this throw true try typeof undefined var void while with yield z"
  ).split(" "),
);

export async function newMechanism(name: string, folder: string, terminal: Terminal): Promise<void> {
  const { mechanismCatalogue, packagesRoot } = await import("@shardlab/experiment");
  checkName(
    name,
    mechanismCatalogue().map(({ kind }) => kind),
  );
  const installation = dirname(packagesRoot());
  const target = resolve(folder);
  const root = repositoryOf(target, installation);
  const names = namesOf(name);
  const command = `${relativePath(target, installation)}/bin/shardlab.mjs`;
  const place: Installation = {
    command,
    packages: relativePath(target, join(installation, "node_modules")),
    ...sourceOf(installation),
  };
  const files = new Map<string, string>();
  for (const [file, content] of Object.entries(mechanismFiles(names, place))) files.set(join(target, file), content);
  const workflow = join(root, ".github/workflows", `${name}.yml`);
  files.set(workflow, workflowFile(names, place, relativePath(root, target)));
  const inTheWay = [...files.keys()]
    .filter((file) => existsSync(file))
    .map((file) => relativePath(process.cwd(), file));
  if (inTheWay.length > 0) {
    throw new InputError(`already there: ${inTheWay.join(", ")} (expected another name, or --in another folder)`);
  }
  const { replaceFile } = await import("@shardlab/results");
  for (const [file, content] of files) {
    replaceFile(file, content);
    terminal.print(relativePath(process.cwd(), file));
  }
  if (place.repository === undefined) {
    terminal.note(
      `set SHARDLAB_REPOSITORY in ${relativePath(process.cwd(), workflow)}: where others can clone ShardLab from`,
    );
  }
  terminal.note(`next: cd ${shellQuote(relativePath(process.cwd(), target))} && npm run check`);
}

/** @throws InputError for what cannot be the name of a mechanism. */
function checkName(name: string, known: readonly string[]): void {
  if (!namePattern.test(name)) {
    throw new InputError(
      `invalid name: ${name} (expected words in lower case, letters first, joined by hyphens, such as my-rule)`,
    );
  }
  if (reserved.has(name)) throw new InputError(`reserved word: ${name} (expected a name that a function can have)`);
  if (known.includes(name)) throw new InputError(`name of a built-in mechanism: ${name} (expected another)`);
}

function namesOf(kind: string): MechanismNames {
  const words = kind.split("-");
  const functionName = words.map((word, index) => (index === 0 ? word : capital(word))).join("");
  return { kind, functionName, typeName: capital(functionName), title: capital(words.join(" ")) };
}

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);

const relativePath = (from: string, to: string): string => relative(from, to).replaceAll("\\", "/") || ".";

/** The folder whose `.github` a host of code reads: the repository around `folder`, unless that is ShardLab's own. */
function repositoryOf(folder: string, installation: string): string {
  for (let place = folder; ; place = dirname(place)) {
    if (existsSync(join(place, ".git"))) return place === installation ? folder : place;
    if (dirname(place) === place) return folder;
  }
}

/** Where others can get this installation from, as far as git knows. */
function sourceOf(installation: string): Pick<Installation, "repository" | "commit"> {
  const git = (...args: string[]): string | undefined => {
    try {
      const text = execFileSync("git", args, {
        cwd: installation,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
      return text.trim() || undefined;
    } catch {
      return undefined;
    }
  };
  const remote = git("config", "--get", "remote.origin.url");
  // A path on this machine is of no use to others.
  const repository = remote !== undefined && /^(https?:\/\/|ssh:\/\/|git@)/.test(remote) ? remote : undefined;
  return { repository, commit: git("rev-parse", "HEAD") };
}
