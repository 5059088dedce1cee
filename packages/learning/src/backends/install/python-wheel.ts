/** Wheels of PyPI as boxes of native libraries: fetched with pip, opened with Python's zipfile, never installed. */

import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BackendError } from "../backend-error.ts";
import { findProgram, type ProgramOptions, runProgram } from "./run-program.ts";

/** Any Python will do: pip fetches for the one named here. */
const wheelPython = "3.12";

/** Newest last; pip takes any of them. */
const glibcVersions = ["2_17", "2_26", "2_27", "2_28"];

/** @throws BackendError `program not found: ...` without Python and pip. */
export async function findPython(cwd: string): Promise<string> {
  const python = await findProgram(["python3", "python"], cwd);
  const hasPip =
    python !== undefined &&
    (await runProgram(python, ["-m", "pip", "--version"], { cwd }).then(
      () => true,
      () => false,
    ));
  if (python !== undefined && hasPip) return python;
  throw new BackendError("program not found: python3 with pip (on Debian or Ubuntu: apt-get install python3-pip)");
}

/** Fetches wheels into `folder`, by requirements such as `tensorflow-cpu==2.21.0`. */
export async function fetchWheels(
  python: string,
  requirements: readonly string[],
  { folder, ...options }: ProgramOptions & { readonly folder: string },
): Promise<void> {
  const machine = process.arch === "arm64" ? "aarch64" : "x86_64";
  const platforms = [...glibcVersions.map((glibc) => `manylinux_${glibc}_${machine}`), `manylinux2014_${machine}`];
  const fixed = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--disable-pip-version-check", "--quiet"];
  const target = [
    "--implementation",
    "cp",
    "--python-version",
    wheelPython,
    "--abi",
    `cp${wheelPython.replace(".", "")}`,
  ];
  await runProgram(
    python,
    [
      ...["-m", "pip", "download", ...fixed, ...target, "--abi", "abi3", "--abi", "none"],
      ...platforms.flatMap((platform) => ["--platform", platform]),
      ...["-d", folder, ...requirements],
    ],
    options,
  );
}

/** Prefix and target of each argument pair: files below the prefix go below the target. */
const unpackScript = `
import os, shutil, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
pairs = [argument.split("=", 1) for argument in sys.argv[2:]]
for name in archive.namelist():
    for prefix, target in pairs:
        if name.startswith(prefix) and not name.endswith("/"):
            path = os.path.join(target, name[len(prefix):].lstrip("/") or os.path.basename(name))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with archive.open(name) as source, open(path, "wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
`;

/**
 * Takes files out of the wheels in `folder` and deletes the wheels.
 * @param places for each start of a name inside the wheel, the folder where what follows goes.
 */
export async function unpackWheels(
  python: string,
  folder: string,
  { places, ...options }: ProgramOptions & { readonly places: Readonly<Record<string, string>> },
): Promise<void> {
  const pairs = Object.entries(places).map(([prefix, target]) => `${prefix}=${target}`);
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".whl"))) {
    const wheel = join(folder, name);
    await runProgram(python, ["-c", unpackScript, wheel, ...pairs], options);
    rmSync(wheel);
  }
}

/** Requirements that a wheel's metadata names for an extra, such as `and-cuda`; empty without metadata. */
export function requirementsOfExtra(metadata: string, extra: string): string[] {
  if (!existsSync(metadata)) return [];
  const lines = readFileSync(metadata, "utf8").split("\n");
  return lines.flatMap((line) => {
    const match = /^Requires-Dist: (.+); extra == "(.+)"$/.exec(line);
    return match !== null && match[2] === extra ? [match[1] as string] : [];
  });
}
